package store

// schemaVersion is the version of the layout, of both databases. It grows by a migration for each.
const firstVersion = 1

// migration brings a segment of one version to the next.
type migration struct{ sqlite, postgres string }

// migrations are the steps from [firstVersion] on. Each adds; none renames or removes.
var migrations []migration

func schemaVersion() int { return firstVersion + len(migrations) }

// applicationID marks a segment's file: "ascb".
const applicationID = 0x61736362

const sqliteTables = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE bookmark (source TEXT PRIMARY KEY, position BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE word (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, text TEXT, value BLOB, fold TEXT);
CREATE TABLE item (path INTEGER NOT NULL, seq INTEGER NOT NULL);
CREATE TABLE finding (
	seq INTEGER PRIMARY KEY, id BLOB NOT NULL, kind INTEGER NOT NULL, time INTEGER NOT NULL, end_time INTEGER NOT NULL,
	host INTEGER, action INTEGER, event INTEGER, path INTEGER, source_path INTEGER, volume INTEGER,
	actor INTEGER, actor_path INTEGER, app INTEGER, responsible_path INTEGER,
	initiator_class INTEGER, initiator_user INTEGER, agent INTEGER, initiator_uid INTEGER,
	levels INTEGER NOT NULL, sum INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX word_term ON word (text) WHERE kind = 0;
INSERT INTO meta VALUES ('findings', 0), ('from', 0), ('to', 0), ('sealed', 0);
CREATE VIEW findings AS SELECT
	CASE kind WHEN 1 THEN 'op_' WHEN 2 THEN 'ev_' WHEN 3 THEN 'pr_' ELSE 'gp_' END || lower(hex(id)) AS id,
	CASE kind WHEN 1 THEN 'operation' WHEN 2 THEN 'event' WHEN 3 THEN 'process' ELSE 'gap' END AS kind,
	strftime('%Y-%m-%dT%H:%M:%fZ', time / 1000000000.0, 'unixepoch') AS at, time, end_time,
	(SELECT text FROM word WHERE word.id = f.host) AS host,
	(SELECT text FROM word WHERE word.id = f.action) AS action,
	(SELECT text FROM word WHERE word.id = f.event) AS event,
	(SELECT text FROM word WHERE word.id = f.path) AS path,
	(SELECT text FROM word WHERE word.id = f.source_path) AS source_path,
	(SELECT text FROM word WHERE word.id = f.volume) AS volume_kind,
	(SELECT text FROM word WHERE word.id = f.actor) AS actor_signing_id,
	(SELECT text FROM word WHERE word.id = f.actor_path) AS actor_path,
	(SELECT text FROM word WHERE word.id = f.app) AS responsible_app,
	(SELECT text FROM word WHERE word.id = f.responsible_path) AS responsible_path,
	(SELECT text FROM word WHERE word.id = f.initiator_class) AS initiator_class,
	(SELECT text FROM word WHERE word.id = f.initiator_user) AS initiator_user,
	initiator_uid,
	(SELECT text FROM word WHERE word.id = f.agent) AS initiator_agent,
	levels >> 6 & 3 AS certainty_action, levels >> 4 & 3 AS certainty_actor,
	levels >> 2 & 3 AS certainty_responsible, levels & 3 AS certainty_initiator
FROM finding f;
`

// What a sealed segment has besides.
const sqliteIndexes = `
CREATE INDEX finding_id ON finding (id);
CREATE INDEX finding_time ON finding (time);
CREATE INDEX finding_path ON finding (path);
CREATE INDEX finding_source ON finding (source_path) WHERE source_path IS NOT NULL;
CREATE INDEX finding_user ON finding (initiator_user, time);
CREATE INDEX finding_uid ON finding (initiator_uid, time);
CREATE INDEX item_path ON item (path, seq);
CREATE INDEX word_fold ON word (fold) WHERE fold IS NOT NULL;
`
