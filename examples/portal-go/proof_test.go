package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

type vectors struct {
	Keys    []Key
	Vectors []struct {
		Key, Claim, Message, Canonical, Sha256, Proof string
		Content                                       map[string]any
		Signs                                         Signed
	}
}

// The vectors of the contract: our canonical form, hash and what is signed are theirs.
func TestVectors(t *testing.T) {
	content, err := os.ReadFile("../../docs/contract/proofs/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var known vectors
	if err := json.Unmarshal(content, &known); err != nil {
		t.Fatal(err)
	}
	keys := map[string]Key{}
	for _, key := range known.Keys {
		keys[key.Kid] = key
	}
	for _, each := range known.Vectors {
		form, err := canonical(each.Content)
		if err != nil || string(form) != each.Canonical {
			t.Errorf("%s: canonical form %s, not %s (%v)", each.Message, form, each.Canonical, err)
		}
		if hash := fmt.Sprintf("%x", sha256.Sum256(form)); hash != each.Sha256 {
			t.Errorf("%s: hash %s", each.Message, hash)
		}
		key := keys[each.Key]
		verify(t, key, each.Proof)
		var by By
		data, _ := json.Marshal(each.Content["by"])
		if err := json.Unmarshal(data, &by); err != nil {
			t.Fatal(err)
		}
		at := time.Unix(each.Signs.Iat, 0)
		proof, err := key.Proof(each.Claim, each.Message, each.Signs.ID, "4912345", by, each.Content, at)
		if err != nil {
			t.Fatal(err)
		}
		if signed := verify(t, key, proof); signed != each.Signs {
			t.Errorf("%s: signs %+v, not %+v", each.Message, signed, each.Signs)
		}
	}
}

func verify(t *testing.T, key Key, proof string) (signed Signed) {
	t.Helper()
	parts := strings.Split(proof, ".")
	public, _ := base64.RawURLEncoding.DecodeString(key.X)
	mark, _ := base64.RawURLEncoding.DecodeString(parts[2])
	if !ed25519.Verify(public, []byte(parts[0]+"."+parts[1]), mark) {
		t.Errorf("%s is not signed by %s", proof, key.Kid)
	}
	body, _ := base64.RawURLEncoding.DecodeString(parts[1])
	if err := json.Unmarshal(body, &signed); err != nil {
		t.Fatal(err)
	}
	return signed
}
