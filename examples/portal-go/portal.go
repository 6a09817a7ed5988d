package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

// patience is how long a worker may take to answer.
const patience = 10 * time.Second

// Portal speaks to claims: through the engine, and by files in their store.
type Portal struct {
	engine client.Client
	store  string
	// Who signs what partners say, and what reviewers say; nil where nothing is signed.
	partners, reviewers *Key
}

// prove puts a proof into by, where there is a key for the role.
func (p Portal) prove(claim, name, id, mpnID string, by *By, message any) error {
	key := p.reviewers
	if by.Role == "partner" {
		key = p.partners
	}
	if key == nil {
		return nil
	}
	by.Proof = ""
	proof, err := key.Proof(claim, name, id, mpnID, *by, message, time.Now())
	by.Proof = proof
	return err
}

// Upload puts a proof file where the claim will look for it, whole or not at all.
func (p Portal) Upload(id, path, mediaType string) (File, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return File{}, err
	}
	hash := fmt.Sprintf("%x", sha256.Sum256(content))
	place := filepath.Join(p.store, "incoming", id, hash)
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return File{}, err
	}
	if err := os.WriteFile(place+".part", content, 0o644); err != nil {
		return File{}, err
	}
	file := File{hash, filepath.Base(path), mediaType, len(content)}
	return file, os.Rename(place+".part", place)
}

// Start refuses an id that was ever used before.
func (p Portal) Start(ctx context.Context, opening Opening) error {
	if _, err := os.Stat(filepath.Join(p.store, "records", opening.ClaimID)); err == nil {
		return fmt.Errorf("%s was used before: choose another id", opening.ClaimID)
	}
	id, mpnID := opening.ClaimID, opening.Partner.MpnID
	if err := p.prove(id, "open", id, mpnID, &opening.By, &opening); err != nil {
		return err
	}
	_, err := p.engine.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       opening.ClaimID,
		TaskQueue:                                "claims",
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, "Claim", opening)
	var taken *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &taken) {
		return fmt.Errorf("%s was used before: choose another id", opening.ClaimID)
	}
	return err
}

// Say sends a message and returns its receipt, or what the rules say against it. Where no worker
// answers in time, the engine keeps the message, and there is no receipt yet.
func (p Portal) Say(ctx context.Context, id, name string, message Message) (Receipt, error) {
	if err := p.prove(id, name, message.ID, "", &message.By, &message); err != nil {
		return Receipt{}, err
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var receipt Receipt
	update, err := p.engine.UpdateWorkflow(limited, client.UpdateWorkflowOptions{
		WorkflowID:   id,
		UpdateName:   name,
		Args:         []any{message},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = update.Get(limited, &receipt)
	}
	var unanswered *client.WorkflowUpdateServiceTimeoutOrCanceledError
	if limited.Err() != nil || errors.As(err, &unanswered) {
		receipt.Text = "sent, not yet answered"
		return receipt, p.engine.SignalWorkflow(ctx, id, "", name, message)
	}
	var refusal *temporal.ApplicationError
	if errors.As(err, &refusal) {
		return receipt, fmt.Errorf("%s: %s", refusal.Type(), refusal.Message())
	}
	return receipt, closed(id, err)
}

// Ask puts a query, again for a while where the claim has only just begun.
func Ask[T any](ctx context.Context, p Portal, id, query string, question ...any) (T, error) {
	var found T
	for ends := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		answer, err := p.engine.QueryWorkflow(ctx, id, "", query, question...)
		if err == nil {
			return found, answer.Get(&found)
		}
		var notYet *serviceerror.WorkflowNotReady
		if !errors.As(err, &notYet) || time.Now().After(ends) {
			return found, fmt.Errorf("%s cannot be asked for %s: %w", id, query, closed(id, err))
		}
	}
}

func closed(id string, err error) error {
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		return fmt.Errorf("%s is closed, or never was: its record is in the store", id)
	}
	return err
}

// silent keeps the SDK's remarks from between the lines.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
