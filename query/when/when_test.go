package when_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"ascribe.example/query/when"
)

func TestParse(t *testing.T) {
	now := time.Date(2026, 3, 4, 15, 30, 0, 0, time.UTC) // a Wednesday
	for words, want := range map[string]string{
		"now":                            "2026-03-04T15:30:00Z",
		"10:00":                          "2026-03-04T10:00:00Z",
		"16:00":                          "2026-03-04T16:00:00Z",
		"9:05":                           "2026-03-04T09:05:00Z",
		"10:00:05.25":                    "2026-03-04T10:00:05.25Z",
		"9pm":                            "2026-03-04T21:00:00Z",
		"9:30 pm":                        "2026-03-04T21:30:00Z",
		"noon":                           "2026-03-04T12:00:00Z",
		"midnight":                       "2026-03-04T00:00:00Z",
		"today":                          "2026-03-04T00:00:00Z",
		"Yesterday 14:30":                "2026-03-03T14:30:00Z",
		"yesterday  at 14:30":            "2026-03-03T14:30:00Z",
		"tomorrow":                       "2026-03-05T00:00:00Z",
		"monday":                         "2026-03-02T00:00:00Z",
		"wed":                            "2026-03-04T00:00:00Z",
		"last wednesday":                 "2026-02-25T00:00:00Z",
		"last mon noon":                  "2026-03-02T12:00:00Z",
		"thursday 8:00":                  "2026-02-26T08:00:00Z",
		"-2h":                            "2026-03-04T13:30:00Z",
		"-1d12h":                         "2026-03-03T03:30:00Z",
		"-1.5h":                          "2026-03-04T14:00:00Z",
		"2 hours ago":                    "2026-03-04T13:30:00Z",
		"an hour ago":                    "2026-03-04T14:30:00Z",
		"last hour":                      "2026-03-04T14:30:00Z",
		"last 3 days":                    "2026-03-01T15:30:00Z",
		"last week":                      "2026-02-25T15:30:00Z",
		"2026-03-01":                     "2026-03-01T00:00:00Z",
		"2026-03-01 10:00":               "2026-03-01T10:00:00Z",
		"2026-03-01t10:00:00.5z":         "2026-03-01T10:00:00.5Z",
		"2026-03-01T10:00:00+02:00":      "2026-03-01T08:00:00Z",
		"2026-03-01 10:00:00 UTC":        "2026-03-01T10:00:00Z",
		"2026-03-01T10:00:00.123456789Z": "2026-03-01T10:00:00.123456789Z",
		"1 march":                        "2026-03-01T00:00:00Z",
		"5 March":                        "2025-03-05T00:00:00Z", // the one of this year is still to come
		"mar 5 2026 10:00":               "2026-03-05T10:00:00Z",
		"@1772359200":                    "2026-03-01T10:00:00Z",
	} {
		got, err := when.Parse(words, now)
		if err != nil {
			t.Errorf("%s: %v", words, err)
			continue
		}
		if s := got.UTC().Format(time.RFC3339Nano); s != want {
			t.Errorf("%s: %s, want %s", words, s, want)
		}
	}
	for _, words := range []string{
		"", "soon", "25:00", "10:61", "13pm", "-2", "-h", "last", "ago", "last fortnight", "30 february", "2026-13-01", "2026-02-30",
		"yesterday tomorrow", "10:00 yesterday x", "@", "@99999999999999", "-99999999999d", "--2h", "monday monday", "10", "2 hours",
	} {
		if got, err := when.Parse(words, now); err == nil {
			t.Errorf("%q is %s", words, got)
		}
	}
}

func TestSpans(t *testing.T) {
	now := time.Date(2026, 3, 4, 15, 30, 0, 0, time.UTC)
	for words, want := range map[string]string{
		"yesterday":            "2026-03-03T00:00:00Z 2026-03-04T00:00:00Z",
		"10:00":                "2026-03-04T10:00:00Z 2026-03-04T10:01:00Z",
		"10pm":                 "2026-03-04T22:00:00Z 2026-03-04T23:00:00Z",
		"10:00:05":             "2026-03-04T10:00:05Z 2026-03-04T10:00:06Z",
		"last 2 hours":         "2026-03-04T13:30:00Z 2026-03-04T15:30:00Z",
		"2026-03-01T10:00:00Z": "2026-03-01T10:00:00Z 2026-03-01T10:00:01Z",
	} {
		s, err := when.ParseSpan(words, now)
		if err != nil {
			t.Errorf("%s: %v", words, err)
			continue
		}
		if got := s.From.Format(time.RFC3339Nano) + " " + s.To.Format(time.RFC3339Nano); got != want {
			t.Errorf("%s: %s, want %s", words, got, want)
		}
	}
}

// Days are those of the zone, also where one of them has 23 hours.
func TestZones(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 30, 1, 0, 0, 0, berlin) // 23:00 of the 29th in UTC; clocks went forward on the 29th
	s, err := when.ParseSpan("yesterday", now)
	if err != nil {
		t.Fatal(err)
	}
	if s.To.Sub(s.From) != 23*time.Hour || s.From.UTC() != time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC) {
		t.Errorf("%v", s)
	}
	if got, err := when.Parse("2026-03-30T00:00:00Z", now); err != nil || got.Sub(now) != time.Hour {
		t.Errorf("%v, %v", got, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("yesterday 14:30")
	f.Add("-1d12h")
	f.Add("last 3 weeks")
	f.Fuzz(func(t *testing.T, words string) {
		now := time.Date(2026, 3, 4, 15, 30, 0, 0, time.UTC)
		if s, err := when.ParseSpan(words, now); err == nil && s.To.Before(s.From) {
			t.Errorf("%q: %v", words, s)
		}
	})
}
