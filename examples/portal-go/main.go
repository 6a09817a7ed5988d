// A small portal, written from docs/contract.md and its schemas alone.
//
// It puts a proof file into the store, starts a claim about it, has a reviewer begin and approve,
// and reads what became of it. With a worker running (`uv run worker.py`), in this folder:
//
//	go run . -store ../../var/store CPOR-FROM-GO ../statement-of-work.txt
//
// Where PORTAL_KEY and REVIEWERS_KEY name files with private keys, all that is said is signed.
//
// The engine is looked for at 127.0.0.1:7233, or where TEMPORAL_ADDRESS says; the worker prints it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"go.temporal.io/sdk/client"
)

func main() {
	store := flag.String("store", "var/store", "the folder that CLAIMS_STORE_URL names")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: go run . [-store FOLDER] CLAIM-ID PROOF-FILE")
	}
	flag.Parse()
	if flag.NArg() != 2 {
		flag.Usage()
		os.Exit(2)
	}
	if err := play(context.Background(), *store, flag.Arg(0), flag.Arg(1)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func play(ctx context.Context, store, id, proof string) error {
	engine, err := client.Dial(client.Options{
		HostPort:  os.Getenv("TEMPORAL_ADDRESS"),
		Namespace: os.Getenv("TEMPORAL_NAMESPACE"),
		Logger:    silent{},
	})
	if err != nil {
		return fmt.Errorf("no Temporal answers: %w", err)
	}
	defer engine.Close()
	partners, err := ReadKey(os.Getenv("PORTAL_KEY"))
	if err != nil {
		return err
	}
	reviewers, err := ReadKey(os.Getenv("REVIEWERS_KEY"))
	if err != nil {
		return err
	}
	portal := Portal{engine, store, partners, reviewers}

	file, err := portal.Upload(id, proof, "text/plain")
	if err != nil {
		return err
	}
	if err := portal.Start(ctx, opening(id, file)); err != nil {
		return err
	}

	kim := By{Role: "reviewer", ID: "kim"}
	for _, each := range []struct{ name, id string }{
		{"start_review", id + "-1"},
		{"approve", id + "-2"},
		{"approve", id + "-2"}, // as after a lost answer: it changes nothing, and is answered the same
	} {
		receipt, err := portal.Say(ctx, id, each.name, Message{ID: each.id, By: kim})
		if err != nil {
			return err
		}
		fmt.Printf("%s: %s (%s)\n", each.name, receipt.Text, receipt.Status)
	}
	if _, err := portal.Say(ctx, id, "start_review", Message{ID: id + "-3", By: kim}); err != nil {
		fmt.Println("once more:", err)
	}

	known, err := Ask[Claim](ctx, portal, id, "claim")
	if err != nil {
		return err
	}
	fmt.Printf("%s is %s and waits for the %s\n", known.ClaimID, known.Status, known.WaitingFor)
	entries, err := Ask[[]Entry](ctx, portal, id, "history", HistoryQuestion{Side: "partner"})
	if err != nil {
		return err
	}
	for _, entry := range entries {
		fmt.Printf("%3d  %s  %s\n", entry.Seq, entry.At.Format("2 Jan 15:04:05"), entry.Text)
	}
	return nil
}

func opening(id string, file File) Opening {
	return Opening{
		ClaimID: id, Name: "Teams roll-out at Contoso",
		Program: "osu-m365", Activity: "usage",
		Partner: Partner{
			MpnID: "4912345", Name: "Fabrikam", Country: "DE",
			Contact: Contact{Name: "Ada Berg", Email: "ada@fabrikam.example", Language: "de"},
		},
		Customer: Customer{
			Name: "Contoso", TenantID: "5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11",
			Domain: "contoso.example", Country: "SE",
			Contact: Contact{Name: "Lars Ek", Email: "lars@contoso.example", Language: "sv"},
		},
		Products: []Product{{Name: "Teams"}},
		Evidence: []File{file},
		By:       By{Role: "partner", ID: "ada", PartnerRole: "incentives_admin"},
	}
}
