package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// Key is a private key of Ed25519, as `starter.py keys new` writes one.
type Key struct {
	Kid string `json:"kid"`
	X   string `json:"x"`
	D   string `json:"d"`
}

// ReadKey returns nil where no file is named: nothing is signed then.
func ReadKey(file string) (*Key, error) {
	if file == "" {
		return nil, nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var key Key
	return &key, json.Unmarshal(content, &key)
}

// Signed is what a proof signs; docs/contract.md says what each member must be.
type Signed struct {
	Claim       string `json:"claim"`
	Message     string `json:"message"`
	ID          string `json:"id"`
	Sha256      string `json:"sha256"`
	Role        string `json:"role"`
	Sub         string `json:"sub"`
	MpnID       string `json:"mpn_id,omitempty"`
	PartnerRole string `json:"partner_role,omitempty"`
	Iat         int64  `json:"iat"`
}

// Proof signs a message that has no proof yet. The MPN id is that of the partner for whom by speaks.
func (k *Key) Proof(claim, name, id, mpnID string, by By, message any, at time.Time) (string, error) {
	form, err := canonical(message)
	if err != nil {
		return "", err
	}
	signed := Signed{
		Claim: claim, Message: name, ID: id, Sha256: fmt.Sprintf("%x", sha256.Sum256(form)),
		Role: by.Role, Sub: by.ID, PartnerRole: by.PartnerRole, Iat: at.Unix(),
	}
	if by.Role == "partner" {
		signed.MpnID = mpnID
	}
	return k.jws(signed)
}

func (k *Key) jws(signed Signed) (string, error) {
	seed, err := base64.RawURLEncoding.DecodeString(k.D)
	if err != nil || len(seed) != ed25519.SeedSize {
		return "", fmt.Errorf("key %s is no private key of Ed25519", k.Kid)
	}
	header, err := json.Marshal(map[string]string{"alg": "EdDSA", "kid": k.Kid})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(signed)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(body)
	mark := ed25519.Sign(ed25519.NewKeyFromSeed(seed), []byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mark), nil
}

// canonical is the form of RFC 8785 of what encoding/json makes of a message. Claims know whole
// numbers only, so that the hard part of the RFC, fractions, does not occur and is refused.
func canonical(message any) ([]byte, error) {
	content, err := json.Marshal(message)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	var written bytes.Buffer
	err = write(&written, value)
	return written.Bytes(), err
}

func write(to *bytes.Buffer, value any) error {
	switch value := value.(type) {
	case nil:
		to.WriteString("null")
	case bool:
		fmt.Fprintf(to, "%t", value)
	case json.Number:
		number, err := value.Int64()
		if err != nil || number > 1<<53-1 || number < -(1<<53-1) {
			return fmt.Errorf("%s is no whole number below 2^53", value)
		}
		fmt.Fprintf(to, "%d", number)
	case string:
		writeString(to, value)
	case []any:
		to.WriteByte('[')
		for index, each := range value {
			if index > 0 {
				to.WriteByte(',')
			}
			if err := write(to, each); err != nil {
				return err
			}
		}
		to.WriteByte(']')
	case map[string]any:
		return writeObject(to, value)
	}
	return nil
}

func writeObject(to *bytes.Buffer, object map[string]any) error {
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.SortFunc(names, func(one, other string) int {
		return slices.Compare(utf16.Encode([]rune(one)), utf16.Encode([]rune(other)))
	})
	to.WriteByte('{')
	for index, name := range names {
		if index > 0 {
			to.WriteByte(',')
		}
		writeString(to, name)
		to.WriteByte(':')
		if err := write(to, object[name]); err != nil {
			return err
		}
	}
	to.WriteByte('}')
	return nil
}

var escaped = strings.NewReplacer(
	`"`, `\"`, `\`, `\\`, "\b", `\b`, "\f", `\f`, "\n", `\n`, "\r", `\r`, "\t", `\t`,
)

func writeString(to *bytes.Buffer, text string) {
	to.WriteByte('"')
	for _, char := range text {
		if char < 0x20 && !strings.ContainsRune("\b\f\n\r\t", char) {
			fmt.Fprintf(to, `\u%04x`, char)
		} else {
			escaped.WriteString(to, string(char))
		}
	}
	to.WriteByte('"')
}
