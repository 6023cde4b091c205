-- Who invited: what they invited to is over when they may not any more. Unknown of invitations that are older.
ALTER TABLE invitation ADD COLUMN by TEXT;
