package query

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"

	"ascribe.example/es"
	"ascribe.example/finding"
)

//go:embed schema.json
var jsonSchema []byte

// JSONSchema is what the lines of answers are, as a JSON Schema, draft 2020-12: those that the Append functions here write.
func JSONSchema() []byte { return slices.Clone(jsonSchema) }

type jsonStretch struct {
	Schema     string                    `json:"schema"`
	By         Group                     `json:"by"`
	Name       *string                   `json:"name"`
	Host       *string                   `json:"host"`
	From       *string                   `json:"from"`
	To         *string                   `json:"to"`
	Operations uint64                    `json:"operations"`
	Files      uint64                    `json:"files"`
	Bytes      int64                     `json:"bytes"`
	Actions    map[finding.Action]uint64 `json:"actions"`
	Folder     *string                   `json:"folder"`
	First      string                    `json:"first"`
	Lowest     jsonLevels                `json:"lowest_certainty"`
}

type jsonLevels struct {
	Action      string `json:"action"`
	Actor       string `json:"actor"`
	Responsible string `json:"responsible"`
	Initiator   string `json:"initiator"`
}

// AppendStretch appends a stretch of a timeline as one JSON object.
func AppendStretch(dst []byte, s *Stretch) []byte {
	return appendJSON(dst, jsonStretch{
		Schema: "ascribe.stretch/1", By: s.By, Name: orNull(s.Name), Host: orNull(s.Host), From: timeOrNull(s.From), To: timeOrNull(s.To),
		Operations: s.Operations, Files: s.Files, Bytes: s.Bytes, Actions: s.Actions, Folder: orNull(s.Folder), First: s.First,
		Lowest: jsonLevels{s.Lowest.Action.String(), s.Lowest.Actor.String(), s.Lowest.Responsible.String(), s.Lowest.Initiator.String()},
	})
}

type jsonChange struct {
	Schema    string             `json:"schema"`
	Effect    Effect             `json:"effect"`
	Path      string             `json:"path"`
	Was       *string            `json:"was"`
	Type      finding.ObjectType `json:"type"`
	Host      *string            `json:"host"`
	Changed   bool               `json:"content_changed"`
	Over      bool               `json:"replaced_another"`
	Times     uint64             `json:"operations"`
	Last      *string            `json:"last"`
	By        string             `json:"last_operation"`
	Certainty string             `json:"lowest_certainty"`
}

// AppendChange appends a net effect as one JSON object.
func AppendChange(dst []byte, c *Change) []byte {
	j := jsonChange{
		Schema: "ascribe.change/1", Effect: c.Effect, Path: c.Path, Was: orNull(c.Was), Type: c.Type, Host: orNull(c.Host),
		Changed: c.Changed || c.Effect == Created, Over: c.Over, Times: c.Times, Last: timeOrNull(c.Last), By: c.By, Certainty: c.Lowest.String(),
	}
	if j.Type == "" {
		j.Type = finding.ObjectOther
	}
	return appendJSON(dst, j)
}

type jsonDiff struct {
	Schema      string            `json:"schema"`
	Operations  uint64            `json:"operations"`
	Effects     map[Effect]uint64 `json:"effects"`
	CameAndWent uint64            `json:"came_and_went"`
	Back        uint64            `json:"as_before"`
	Unnamed     uint64            `json:"not_named"`
	Unplaced    uint64            `json:"without_path"`
}

// AppendDiff appends the totals of a diff as one JSON object, which ends its lines.
func AppendDiff(dst []byte, d *Diff, changes []*Change) []byte {
	effects := map[Effect]uint64{}
	for _, e := range Effects {
		effects[e] = 0
	}
	for _, c := range changes {
		effects[c.Effect]++
	}
	return appendJSON(dst, jsonDiff{"ascribe.diff/1", d.Operations, effects, d.CameAndWent, d.Back, d.Unnamed, d.Unplaced})
}

type jsonCount struct {
	Schema     string  `json:"schema"`
	By         Group   `json:"by"`
	Rank       int     `json:"rank"`
	Name       *string `json:"name"`
	Names      int     `json:"names"`
	Operations uint64  `json:"operations"`
	Files      uint64  `json:"files"`
	Bytes      int64   `json:"bytes"`
	First      *string `json:"first"`
	Last       *string `json:"last"`
}

// AppendCount appends one place of a ranking as one JSON object. Rank 0 is the others together: names says how many.
func AppendCount(dst []byte, by Group, rank, names int, c *Count) []byte {
	return appendJSON(dst, jsonCount{
		"ascribe.count/1", by, rank, orNull(c.Name), names, c.Operations, c.Files, c.Bytes, timeOrNull(c.First), timeOrNull(c.Last),
	})
}

type jsonStats struct {
	Schema     string                             `json:"schema"`
	First      *string                            `json:"first"`
	Last       *string                            `json:"last"`
	Kinds      map[finding.Kind]uint64            `json:"kinds"`
	Operations uint64                             `json:"operations"`
	Files      uint64                             `json:"files"`
	Bytes      int64                              `json:"bytes"`
	Actions    map[finding.Action]uint64          `json:"actions"`
	Classes    map[finding.Class]uint64           `json:"classes"`
	Certainty  map[finding.Role]map[string]uint64 `json:"certainty"`
	Volumes    map[finding.VolumeKind]uint64      `json:"volumes"`
	Hosts      map[string]uint64                  `json:"hosts"`
	Caveats    map[finding.Caveat]uint64          `json:"caveats"`
	Severities map[finding.Severity]uint64        `json:"severities"`
	Missing    uint64                             `json:"missing"`
}

// AppendStats appends the numbers as one JSON object.
func AppendStats(dst []byte, s *Stats) []byte {
	levels := map[finding.Role]map[string]uint64{}
	for _, r := range finding.Roles {
		levels[r] = map[string]uint64{}
		for _, c := range finding.Certainties {
			levels[r][c.String()] = s.Levels[r][c]
		}
	}
	return appendJSON(dst, jsonStats{
		"ascribe.stats/1", timeOrNull(s.First), timeOrNull(s.Last), s.Kinds, s.Operations.Operations, s.Operations.Files, s.Operations.Bytes,
		s.Actions, s.Classes, levels, s.Volumes, s.Hosts, s.Caveats, s.Severities, s.Missing,
	})
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func timeOrNull(t es.Time) *string {
	if t == 0 {
		return nil
	}
	s := t.Std().Format("2006-01-02T15:04:05.000000000Z")
	return &s
}

// appendJSON appends a value, with everything escaped that could steer a terminal.
func appendJSON(dst []byte, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain data: texts, numbers, lists
	}
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r >= 0x80 && r <= 0xffff && finding.Unprintable(r) || r == 0x7f {
			dst = append(dst, `\u`...)
			hex := strconv.FormatUint(uint64(r), 16)
			dst = append(dst, "0000"[len(hex):]...)
			dst = append(dst, hex...)
		} else {
			dst = append(dst, b[:n]...)
		}
		b = b[n:]
	}
	return dst
}
