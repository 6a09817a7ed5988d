package main

import "time"

// What is sent, as in start.schema.json and message.*.schema.json.

type Opening struct {
	ClaimID  string    `json:"claim_id"`
	Name     string    `json:"name"`
	Program  string    `json:"program"`
	Activity string    `json:"activity"`
	Partner  Partner   `json:"partner"`
	Customer Customer  `json:"customer"`
	Products []Product `json:"products"`
	Evidence []File    `json:"evidence"`
	By       By        `json:"by"`
}

type Partner struct {
	MpnID   string  `json:"mpn_id"`
	Name    string  `json:"name"`
	Country string  `json:"country"`
	Contact Contact `json:"contact"`
}

type Customer struct {
	Name     string  `json:"name"`
	TenantID string  `json:"tenant_id"`
	Domain   string  `json:"domain"`
	Country  string  `json:"country"`
	Contact  Contact `json:"contact"`
}

type Contact struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	Language string `json:"language,omitempty"`
}

type Product struct {
	Name string `json:"name"`
}

type File struct {
	Sha256    string `json:"sha256"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Size      int    `json:"size"`
}

type By struct {
	Role        string `json:"role"`
	ID          string `json:"id"`
	PartnerRole string `json:"partner_role,omitempty"`
	Proof       string `json:"proof,omitempty"`
}

type Message struct {
	ID string `json:"id"`
	By By     `json:"by"`
}

type HistoryQuestion struct {
	Side  string `json:"side"`
	After int    `json:"after"`
}

// What comes back: of receipt, claim and entry the fields that this portal shows.

type Receipt struct {
	Outcome string
	Text    string
	Status  string
}

type Claim struct {
	ClaimID    string `json:"claim_id"`
	Status     string
	WaitingFor string `json:"waiting_for"`
}

type Entry struct {
	Seq  int
	At   time.Time
	Text string
}
