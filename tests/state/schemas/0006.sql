BEGIN TRANSACTION;
CREATE TABLE account (
	vendor VARCHAR NOT NULL,
	place VARCHAR NOT NULL,
	salt BLOB NOT NULL,
	fingerprint BLOB NOT NULL,
	name BLOB,
	since VARCHAR NOT NULL,
	CONSTRAINT pk_account PRIMARY KEY (vendor)
);
INSERT INTO "account" VALUES('crm','api.example.com',X'00FF',X'0102',NULL,'2026-12-01T12:00:00.000000Z');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0006');
CREATE TABLE appointment (
	id VARCHAR NOT NULL,
	start FLOAT NOT NULL,
	"end" FLOAT NOT NULL,
	ended BOOLEAN NOT NULL,
	pending BOOLEAN NOT NULL,
	created_at VARCHAR NOT NULL,
	updated_at VARCHAR NOT NULL,
	agreed TEXT NOT NULL,
	provenance TEXT NOT NULL,
	CONSTRAINT pk_appointment PRIMARY KEY (id)
);
INSERT INTO "appointment" VALUES('a1',100.0,200.0,0,0,'2026-12-01T12:00:00.000000Z','2026-12-01T12:00:00.000000Z','{"title": "Showing"}','{"title": "crm"}');
CREATE TABLE "conflict" (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	cycle_id VARCHAR NOT NULL,
	appointment_id VARCHAR NOT NULL,
	field VARCHAR NOT NULL,
	winner VARCHAR,
	rule VARCHAR NOT NULL,
	"key" VARCHAR NOT NULL,
	open BOOLEAN NOT NULL,
	seen_at VARCHAR NOT NULL,
	resolved_at VARCHAR,
	resolution VARCHAR,
	values_json TEXT NOT NULL,
	CONSTRAINT uq_conflict_key UNIQUE ("key")
);
INSERT INTO "conflict" VALUES(1,'c1','a1','slot',NULL,'manual','a1:slot',1,'2026-12-01T12:00:00.000000Z',NULL,NULL,'{"crm": 1, "book": 2}');
CREATE TABLE cycle (
	id VARCHAR NOT NULL,
	started_at VARCHAR NOT NULL,
	finished_at VARCHAR,
	exit_code INTEGER,
	report TEXT, idle BOOLEAN DEFAULT 0 NOT NULL,
	CONSTRAINT pk_cycle PRIMARY KEY (id)
);
INSERT INTO "cycle" VALUES('c1','2026-12-01T12:00:00.000000Z',NULL,NULL,NULL,0);
CREATE TABLE held (
	operation_id VARCHAR NOT NULL,
	cycle_id VARCHAR NOT NULL,
	reason VARCHAR NOT NULL,
	approved_at VARCHAR,
	operation TEXT NOT NULL, approved_by VARCHAR,
	CONSTRAINT pk_held PRIMARY KEY (operation_id)
);
INSERT INTO "held" VALUES('op1','c1','12 of 20 would be cancelled',NULL,'{}',NULL);
CREATE TABLE journal (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	operation_id VARCHAR NOT NULL,
	cycle_id VARCHAR NOT NULL,
	vendor VARCHAR NOT NULL,
	action VARCHAR NOT NULL,
	appointment_id VARCHAR NOT NULL,
	remote_id VARCHAR,
	state VARCHAR NOT NULL,
	intended_at VARCHAR NOT NULL,
	settled_at VARCHAR,
	reason VARCHAR NOT NULL,
	error VARCHAR,
	intended TEXT NOT NULL, sent FLOAT, missed INTEGER,
	CONSTRAINT ck_journal_state CHECK (state IN ('intended', 'done', 'failed', 'unknown', 'stale', 'resolved'))
);
INSERT INTO "journal" VALUES(1,'op1','c1','book','create','a1',NULL,'intended','2026-12-01T12:00:00.000000Z',NULL,'crm has it, book does not',NULL,'{}',NULL,NULL);
CREATE TABLE mapping (
	id INTEGER NOT NULL,
	appointment_id VARCHAR NOT NULL,
	vendor VARCHAR NOT NULL,
	remote_id VARCHAR NOT NULL,
	start FLOAT,
	live BOOLEAN NOT NULL,
	tombstone BOOLEAN NOT NULL,
	tombstone_reason VARCHAR,
	fingerprint BLOB,
	version INTEGER,
	modified_at VARCHAR,
	base_at FLOAT NOT NULL,
	base TEXT NOT NULL,
	accepted TEXT NOT NULL, written TEXT, shared BOOLEAN DEFAULT 0 NOT NULL,
	CONSTRAINT pk_mapping PRIMARY KEY (id),
	CONSTRAINT fk_mapping_appointment_id_appointment FOREIGN KEY(appointment_id) REFERENCES appointment (id),
	CONSTRAINT uq_mapping_vendor_remote_id UNIQUE (vendor, remote_id)
);
INSERT INTO "mapping" VALUES(1,'a1','crm','7',100.0,1,0,NULL,X'00FF',3,'2026-12-01T12:00:00.000000Z',50.0,'{}','{}',NULL,0);
CREATE TABLE meta (
	"key" VARCHAR NOT NULL,
	value VARCHAR NOT NULL,
	CONSTRAINT pk_meta PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('token','1');
CREATE TABLE observation (
	vendor VARCHAR NOT NULL,
	started_at FLOAT NOT NULL,
	ended_at FLOAT NOT NULL,
	window_start FLOAT NOT NULL,
	window_end FLOAT NOT NULL,
	records INTEGER NOT NULL,
	clock_offset FLOAT,
	unread INTEGER NOT NULL,
	CONSTRAINT pk_observation PRIMARY KEY (vendor)
);
INSERT INTO "observation" VALUES('crm',1.0,2.0,0.0,1000.0,1,NULL,0);
CREATE TABLE quarantine (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	vendor VARCHAR NOT NULL,
	"key" VARCHAR NOT NULL,
	appointment_id VARCHAR,
	remote_id VARCHAR,
	reason VARCHAR NOT NULL,
	since VARCHAR NOT NULL,
	cycle_id VARCHAR NOT NULL,
	CONSTRAINT uq_quarantine_vendor_key UNIQUE (vendor, "key")
);
INSERT INTO "quarantine" VALUES(1,'crm','crm:7',NULL,'7','ends before it starts','2026-12-01T12:00:00.000000Z','c1');
CREATE INDEX ix_appointment_pending ON appointment (pending, id);
CREATE INDEX ix_appointment_start ON appointment (start, id);
CREATE INDEX ix_conflict_appointment_id ON "conflict" (appointment_id);
CREATE INDEX ix_conflict_open ON "conflict" (open);
CREATE INDEX ix_cycle_started_at ON cycle (started_at, id);
CREATE INDEX ix_journal_appointment_id ON journal (appointment_id);
CREATE INDEX ix_journal_cycle_id ON journal (cycle_id);
CREATE INDEX ix_journal_state ON journal (state);
CREATE INDEX ix_mapping_appointment_id ON mapping (appointment_id);
CREATE INDEX ix_journal_missed ON journal (missed) WHERE missed IS NOT NULL;
CREATE INDEX ix_mapping_vendor_start ON mapping (vendor, start, live, remote_id, appointment_id, tombstone, fingerprint);
CREATE INDEX ix_mapping_shared ON mapping (shared) WHERE shared = 1;
CREATE INDEX ix_appointment_end ON appointment ("end", id);
CREATE INDEX ix_journal_intended_at ON journal (intended_at, id);
CREATE INDEX ix_conflict_seen_at ON "conflict" (seen_at, id);
CREATE INDEX ix_cycle_idle ON cycle (started_at, id) WHERE idle = 1 AND report IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('journal',1);
INSERT INTO "sqlite_sequence" VALUES('quarantine',1);
INSERT INTO "sqlite_sequence" VALUES('conflict',1);
COMMIT;
