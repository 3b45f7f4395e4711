package store

const postgresTables = `
CREATE TABLE ascribe_store (layout int NOT NULL);
CREATE SEQUENCE segment_number;
CREATE TABLE segment (
	number int PRIMARY KEY, place int NOT NULL, draft bool NOT NULL DEFAULT false, sealed bool NOT NULL DEFAULT false,
	findings bigint NOT NULL DEFAULT 0, from_time bigint NOT NULL DEFAULT 0, to_time bigint NOT NULL DEFAULT 0, filter bytea
);
CREATE TABLE bookmark (source text PRIMARY KEY, position bytea NOT NULL);
CREATE TABLE word (
	segment int NOT NULL, id bigint NOT NULL, kind smallint NOT NULL, text text, value bytea, fold text COLLATE "C"
) PARTITION BY LIST (segment);
CREATE TABLE item (segment int NOT NULL, path bigint NOT NULL, seq bigint NOT NULL) PARTITION BY LIST (segment);
CREATE TABLE finding (
	segment int NOT NULL, seq bigint NOT NULL, id bytea NOT NULL, kind smallint NOT NULL,
	time bigint NOT NULL, end_time bigint NOT NULL,
	host bigint, action bigint, event bigint, path bigint, source_path bigint, volume bigint,
	actor bigint, actor_path bigint, app bigint, responsible_path bigint,
	initiator_class bigint, initiator_user bigint, agent bigint, initiator_uid bigint,
	levels smallint NOT NULL, sum bigint NOT NULL, body bytea NOT NULL
) PARTITION BY LIST (segment);
CREATE VIEW findings AS SELECT
	(ARRAY['op_', 'ev_', 'pr_', 'gp_'])[f.kind] || encode(f.id, 'hex') AS id,
	(ARRAY['operation', 'event', 'process', 'gap'])[f.kind] AS kind,
	to_timestamp(f.time / 1e9) AS at, f.time, f.end_time,
	host.text AS host, action.text AS action, event.text AS event, path.text AS path, source.text AS source_path,
	volume.text AS volume_kind, actor.text AS actor_signing_id, actor_path.text AS actor_path, app.text AS responsible_app,
	responsible.text AS responsible_path, class.text AS initiator_class, usr.text AS initiator_user, f.initiator_uid,
	agent.text AS initiator_agent,
	f.levels >> 6 & 3 AS certainty_action, f.levels >> 4 & 3 AS certainty_actor,
	f.levels >> 2 & 3 AS certainty_responsible, f.levels & 3 AS certainty_initiator
FROM finding f
JOIN segment s ON s.number = f.segment AND NOT s.draft
LEFT JOIN word host ON host.segment = f.segment AND host.id = f.host
LEFT JOIN word action ON action.segment = f.segment AND action.id = f.action
LEFT JOIN word event ON event.segment = f.segment AND event.id = f.event
LEFT JOIN word path ON path.segment = f.segment AND path.id = f.path
LEFT JOIN word source ON source.segment = f.segment AND source.id = f.source_path
LEFT JOIN word volume ON volume.segment = f.segment AND volume.id = f.volume
LEFT JOIN word actor ON actor.segment = f.segment AND actor.id = f.actor
LEFT JOIN word actor_path ON actor_path.segment = f.segment AND actor_path.id = f.actor_path
LEFT JOIN word app ON app.segment = f.segment AND app.id = f.app
LEFT JOIN word responsible ON responsible.segment = f.segment AND responsible.id = f.responsible_path
LEFT JOIN word class ON class.segment = f.segment AND class.id = f.initiator_class
LEFT JOIN word usr ON usr.segment = f.segment AND usr.id = f.initiator_user
LEFT JOIN word agent ON agent.segment = f.segment AND agent.id = f.agent;
`

// What a sealed segment has besides; % is the end of the names of its tables.
const postgresIndexes = `
CREATE INDEX ON finding% (id)
CREATE INDEX ON finding% (time)
CREATE INDEX ON finding% (path)
CREATE INDEX ON finding% (source_path) WHERE source_path IS NOT NULL
CREATE INDEX ON finding% (initiator_user, time)
CREATE INDEX ON finding% (initiator_uid, time)
CREATE INDEX ON item% (path, seq)
CREATE INDEX ON word% (fold) WHERE fold IS NOT NULL
`
