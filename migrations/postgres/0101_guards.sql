-- PostgreSQL: the overlap guard as an exclusion constraint, the append-only tables as triggers.

CREATE EXTENSION IF NOT EXISTS btree_gist;

ALTER TABLE slot_spans ADD CONSTRAINT slot_spans_no_overlap
    EXCLUDE USING gist (instrument_id WITH =, position WITH =, int8range(starts_at, ends_at) WITH &&) WHERE (freed_at IS NULL);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || '_append_only', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;

CREATE TRIGGER movements_append_only BEFORE UPDATE OR DELETE ON movements FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER booking_events_append_only BEFORE UPDATE OR DELETE ON booking_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reviews_append_only BEFORE UPDATE OR DELETE ON reviews FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seals_append_only BEFORE UPDATE OR DELETE ON seals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_records_append_only BEFORE DELETE ON audit_records FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_records_seal_once BEFORE UPDATE ON audit_records FOR EACH ROW
    WHEN (OLD.seal_number IS NOT NULL OR (NEW.id, NEW.at, NEW.action, NEW.object_kind, NEW.object_id, NEW.facts, NEW.request_id) IS DISTINCT FROM
          (OLD.id, OLD.at, OLD.action, OLD.object_kind, OLD.object_id, OLD.facts, OLD.request_id)
          OR (NEW.person_id, NEW.membership_id, NEW.job) IS DISTINCT FROM (OLD.person_id, OLD.membership_id, OLD.job))
    EXECUTE FUNCTION refuse_change();
