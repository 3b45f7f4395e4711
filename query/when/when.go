// Package when reads times as people type them: "10:00", "yesterday 14:30", "-2h", "last hour", "monday", RFC 3339.
//
// Everything is reckoned from a now that the caller gives, in its zone: of a live host or a store that is the clock, of a
// recording its end. Nothing is guessed: what is not of the grammar is an error that shows what is.
//
//	now · today · yesterday · tomorrow          the beginning of that day, but for now
//	monday … sunday · last monday               the latest one, today included; with last, before today
//	2026-03-01 · 1 march · march 1 2026         that day; without a year, the latest one
//	10:00 · 10:00:05 · 9:30pm · noon            today, or behind any of the above: yesterday 14:30, monday noon
//	-2h · -90m · -1d12h · 2 hours ago           before now: s, m, h, d (24 h), w
//	last hour · last 3 days                     the same, as a span up to now
//	2026-03-01T10:00:00Z · …+02:00 · @1772359200    in full, whatever the zone
package when

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Span is a moment, and how much a person means by it: a day, a minute, the time up to now.
type Span struct{ From, To time.Time }

// Parse is the moment that the words mean: where their span begins.
func Parse(words string, now time.Time) (time.Time, error) {
	s, err := ParseSpan(words, now)
	return s.From, err
}

// ParseSpan is the time that the words mean.
func ParseSpan(words string, now time.Time) (Span, error) {
	s := strings.Join(strings.Fields(strings.ToLower(words)), " ")
	if span, ok := inFull(s, now.Location()); ok {
		return span, nil
	}
	if span, ok := before(s, now); ok {
		return span, nil
	}
	if d, clock, ok := day(s, now); ok && s != "" {
		if clock == "" {
			return Span{d, d.AddDate(0, 0, 1)}, nil
		}
		if span, ok := at(clock, d); ok {
			return span, nil
		}
	}
	return Span{}, fmt.Errorf(`%q is no time: write 10:00, yesterday 14:30, monday, -2h, last hour, 2026-03-01, 2026-03-01 10:00 or 2026-03-01T10:00:00Z`, words)
}

// layouts are times in full, with how much each means.
var layouts = []struct {
	layout string
	means  time.Duration
}{
	{"2006-01-02t15:04:05.999999999z07:00", 1},
	{"2006-01-02t15:04z07:00", time.Minute},
	{"2006-01-02 15:04:05.999999999z07:00", 1},
	{"2006-01-02 15:04:05.999999999 z07:00", 1},
	{"2006-01-02t15:04:05.999999999", 1},
	{"2006-01-02t15:04", time.Minute},
}

func inFull(s string, zone *time.Location) (Span, bool) {
	if digits, ok := strings.CutPrefix(s, "@"); ok {
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || n < math.MinInt64/int64(time.Second) || n > math.MaxInt64/int64(time.Second) {
			return Span{}, false
		}
		t := time.Unix(n, 0).In(zone)
		return Span{t, t.Add(time.Second)}, true
	}
	s = strings.Replace(s, " utc", "z", 1)
	for _, l := range layouts {
		layout := strings.NewReplacer("t15", "T15", "z07", "Z07").Replace(l.layout)
		upper := strings.ToUpper(s)
		t, err := time.ParseInLocation(layout, upper, zone)
		if err != nil {
			continue
		}
		means := l.means
		if means == 1 && !strings.Contains(s, ".") {
			means = time.Second
		}
		return Span{t, t.Add(means)}, true
	}
	return Span{}, false
}

// before reads what is reckoned back from now.
func before(s string, now time.Time) (Span, bool) {
	if s == "now" {
		return Span{now, now}, true
	}
	var ago string
	if rest, ok := strings.CutPrefix(s, "last "); ok {
		ago = rest
	} else if rest, ok := strings.CutSuffix(s, " ago"); ok {
		ago = rest
	} else if rest, ok := strings.CutPrefix(s, "-"); ok {
		ago = rest
	} else {
		return Span{}, false
	}
	d, ok := length(ago)
	if !ok {
		return Span{}, false
	}
	return Span{now.Add(-d), now}, true
}

var units = map[string]time.Duration{
	"s": time.Second, "sec": time.Second, "second": time.Second,
	"m": time.Minute, "min": time.Minute, "minute": time.Minute,
	"h": time.Hour, "hr": time.Hour, "hour": time.Hour,
	"d": 24 * time.Hour, "day": 24 * time.Hour,
	"w": 7 * 24 * time.Hour, "week": 7 * 24 * time.Hour,
}

// length reads 2h, 1d12h, 2 hours, an hour, hour.
func length(s string) (time.Duration, bool) {
	for _, article := range []string{"a ", "an ", "the "} {
		s = strings.TrimPrefix(s, article)
	}
	if u, ok := units[s]; ok && len(s) > 1 {
		return u, true
	}
	total, some := 0.0, false
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimLeft(s, " ") {
		i := 0
		for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.') {
			i++
		}
		n, err := strconv.ParseFloat(s[:i], 64)
		if err != nil {
			return 0, false
		}
		s = strings.TrimLeft(s[i:], " ")
		i = 0
		for i < len(s) && s[i] >= 'a' && s[i] <= 'z' {
			i++
		}
		u, ok := units[s[:i]]
		if !ok {
			u, ok = units[strings.TrimSuffix(s[:i], "s")]
		}
		if !ok || i == 0 {
			return 0, false
		}
		total += n * float64(u)
		s, some = s[i:], true
	}
	if !some || total > float64(100*366*24*time.Hour) {
		return 0, false
	}
	return time.Duration(total), true
}

var (
	weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
	months   = []string{
		"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
	}
)

// named finds a word in a list, whole or as its first three letters.
func named(list []string, word string) (int, bool) {
	for i, w := range list {
		if w == word || len(word) == 3 && w[:3] == word {
			return i, true
		}
	}
	return 0, false
}

// day reads the day that the words begin with; what is left is a clock's time. Without a day it is today.
func day(s string, now time.Time) (d time.Time, clock string, ok bool) {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	w := strings.Split(s, " ")
	rest := func(n int) string {
		return strings.TrimPrefix(strings.Join(w[n:], " "), "at ")
	}
	switch w[0] {
	case "today":
		return today, rest(1), true
	case "yesterday":
		return today.AddDate(0, 0, -1), rest(1), true
	case "tomorrow":
		return today.AddDate(0, 0, 1), rest(1), true
	}
	if t, err := time.ParseInLocation(time.DateOnly, w[0], now.Location()); err == nil {
		return t, rest(1), true
	}
	least, first := 0, 0
	if w[0] == "last" && len(w) > 1 {
		least, first = 1, 1
	}
	if wd, ok := named(weekdays, w[first]); ok {
		back := (int(today.Weekday()) - wd + 7) % 7
		if back < least {
			back += 7
		}
		return today.AddDate(0, 0, -back), rest(first + 1), true
	}
	if first == 0 && len(w) > 1 {
		if d, n, ok := dayOfMonth(w, today); ok {
			return d, rest(n), true
		}
	}
	return today, s, true
}

// dayOfMonth reads 1 march [2026] and march 1 [2026].
func dayOfMonth(w []string, today time.Time) (d time.Time, words int, ok bool) {
	number, name := w[0], w[1]
	if _, ok := named(months, number); ok {
		number, name = name, number
	}
	m, ok := named(months, name)
	n, err := strconv.Atoi(number)
	if !ok || err != nil || n < 1 {
		return d, 0, false
	}
	year, words := today.Year(), 2
	given := false
	if len(w) > 2 && len(w[2]) == 4 {
		if y, err := strconv.Atoi(w[2]); err == nil {
			year, words, given = y, 3, true
		}
	}
	d = time.Date(year, time.Month(m+1), n, 0, 0, 0, 0, today.Location())
	if !given && d.After(today) {
		d = time.Date(year-1, time.Month(m+1), n, 0, 0, 0, 0, today.Location())
	}
	return d, words, d.Day() == n
}

// at reads a clock's time on a day.
func at(clock string, day time.Time) (Span, bool) {
	on := func(h, m, s, ns int, means time.Duration) (Span, bool) {
		t := time.Date(day.Year(), day.Month(), day.Day(), h, m, s, ns, day.Location())
		return Span{t, t.Add(means)}, true
	}
	switch clock {
	case "noon":
		return on(12, 0, 0, 0, time.Minute)
	case "midnight":
		return on(0, 0, 0, 0, time.Minute)
	}
	clock = strings.ToUpper(strings.ReplaceAll(clock, " ", ""))
	for _, l := range []struct {
		layout string
		means  time.Duration
	}{
		{"15:04", time.Minute}, {"15:04:05.999999999", time.Second}, {"3PM", time.Hour}, {"3:04PM", time.Minute}, {"3:04:05PM", time.Second},
	} {
		t, err := time.Parse(l.layout, clock)
		if err != nil {
			continue
		}
		if strings.Contains(clock, ".") {
			l.means = 1
		}
		return on(t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), l.means)
	}
	return Span{}, false
}
