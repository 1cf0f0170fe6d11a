-- Removes the audit trail. Export it first.
DROP TABLE audit_checkpoints;
DROP TABLE audit;
DROP TABLE audit_head;
