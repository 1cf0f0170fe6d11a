-- Removes the audit trail. Export it first.
DROP TABLE audit_checkpoints, audit, audit_head;
DROP FUNCTION audit_refuse();
DROP FUNCTION audit_refuse_jump();
