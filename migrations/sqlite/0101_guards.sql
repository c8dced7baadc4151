-- SQLite: the overlap guard and the append-only tables as triggers. The messages are names that store/db.rs maps to refusals.

CREATE TRIGGER slot_spans_no_overlap_insert BEFORE INSERT ON slot_spans
WHEN NEW.freed_at IS NULL AND EXISTS (
    SELECT 1 FROM slot_spans o
    WHERE o.instrument_id = NEW.instrument_id AND o.position = NEW.position AND o.freed_at IS NULL AND o.id <> NEW.id
      AND o.starts_at < NEW.ends_at AND o.ends_at > NEW.starts_at
)
BEGIN SELECT RAISE(ABORT, 'slot_spans_no_overlap'); END;

CREATE TRIGGER slot_spans_no_overlap_update BEFORE UPDATE ON slot_spans
WHEN NEW.freed_at IS NULL AND EXISTS (
    SELECT 1 FROM slot_spans o
    WHERE o.instrument_id = NEW.instrument_id AND o.position = NEW.position AND o.freed_at IS NULL AND o.id <> NEW.id
      AND o.starts_at < NEW.ends_at AND o.ends_at > NEW.starts_at
)
BEGIN SELECT RAISE(ABORT, 'slot_spans_no_overlap'); END;

CREATE TRIGGER movements_no_update BEFORE UPDATE ON movements BEGIN SELECT RAISE(ABORT, 'movements_append_only'); END;
CREATE TRIGGER movements_no_delete BEFORE DELETE ON movements BEGIN SELECT RAISE(ABORT, 'movements_append_only'); END;
CREATE TRIGGER booking_events_no_update BEFORE UPDATE ON booking_events BEGIN SELECT RAISE(ABORT, 'booking_events_append_only'); END;
CREATE TRIGGER booking_events_no_delete BEFORE DELETE ON booking_events BEGIN SELECT RAISE(ABORT, 'booking_events_append_only'); END;
CREATE TRIGGER reviews_no_update BEFORE UPDATE ON reviews BEGIN SELECT RAISE(ABORT, 'reviews_append_only'); END;
CREATE TRIGGER reviews_no_delete BEFORE DELETE ON reviews BEGIN SELECT RAISE(ABORT, 'reviews_append_only'); END;
CREATE TRIGGER audit_records_no_delete BEFORE DELETE ON audit_records BEGIN SELECT RAISE(ABORT, 'audit_records_append_only'); END;
CREATE TRIGGER audit_records_seal_once BEFORE UPDATE ON audit_records
WHEN OLD.seal_number IS NOT NULL OR NEW.id <> OLD.id OR NEW.at <> OLD.at OR NEW.action <> OLD.action OR NEW.object_kind <> OLD.object_kind
  OR NEW.object_id <> OLD.object_id OR NEW.facts <> OLD.facts OR NEW.request_id <> OLD.request_id
  OR NEW.person_id IS NOT OLD.person_id OR NEW.membership_id IS NOT OLD.membership_id OR NEW.job IS NOT OLD.job
BEGIN SELECT RAISE(ABORT, 'audit_records_append_only'); END;
CREATE TRIGGER seals_no_update BEFORE UPDATE ON seals BEGIN SELECT RAISE(ABORT, 'seals_append_only'); END;
CREATE TRIGGER seals_no_delete BEFORE DELETE ON seals BEGIN SELECT RAISE(ABORT, 'seals_append_only'); END;
