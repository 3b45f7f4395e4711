package scenario

import (
	"strconv"
	"strings"
	"time"

	"ascribe.example/es"
)

// knobSet is what a script says of the Mac itself rather than of the recording.
type knobSet struct {
	seed     uint64
	time     es.Time
	timebase es.Timebase
	shadow   shadowOrder
	host     string
	boot     string
}

// knobs are the sentences that say how a script is recorded, and on what Mac.
var knobs = []spec{
	{pattern: "recorded in version <num:n>", does: func(r *run, a *args) error {
		n := int(a.num("n", 0))
		if n < 6 || n > 11 {
			return &wrong{word: a.get("n"), want: "a message version from 6 to 11"}
		}
		r.o.Version = n
		return nil
	}},
	{pattern: "recorded with token arrays|objects", does: func(r *run, a *args) error {
		r.o.Tokens = TokensObject
		if a.get("arrays|objects") == "arrays" {
			r.o.Tokens = TokensArray
		}
		return nil
	}},
	{pattern: "recorded with keys shuffled by <num:n>", does: func(r *run, a *args) error {
		r.o.KeySeed = uint64(a.num("n", 1))
		return nil
	}},
	{pattern: "recorded pretty", does: func(r *run, _ *args) error { r.o.Pretty = true; return nil }},
	{pattern: "recorded bare", does: func(r *run, _ *args) error { r.o.Bare = true; return nil }},
	{pattern: "recorded without snapshot", does: func(r *run, _ *args) error { r.o.Start.NoSnapshot = true; return nil }},
	{pattern: "recorded subscribed to <word:kinds...>", does: func(r *run, a *args) error {
		r.o.Subscribed = strings.Join(a.list("kinds"), " ")
		_, err := subscribed(r.o.Subscribed, 11)
		return err
	}},
	{pattern: "recorded shuffled within <num:n> [by <num:seed>]", does: func(r *run, a *args) error {
		r.o.Shuffle = Shuffle{int(a.num("n", 0)), uint64(a.num("seed", 1))}
		return nil
	}},
	{pattern: "recorded losing <rate:rate> [by <num:seed>]", does: func(r *run, a *args) error {
		r.o.Loss.Rate, _ = parseRate(a.get("rate"))
		r.o.Loss.Seed = uint64(a.num("seed", 1))
		return nil
	}},
	{pattern: "recorded losing message|messages <message:n...>", does: func(r *run, a *args) error {
		for _, s := range a.list("n") {
			n, _ := parseSize(s)
			r.o.Loss.Seqs = append(r.o.Loss.Seqs, uint64(n))
		}
		return nil
	}},
	{pattern: "recorded doubling <rate:rate> [by <num:seed>]", does: func(r *run, a *args) error {
		r.o.Duplicate.Rate, _ = parseRate(a.get("rate"))
		r.o.Duplicate.Seed = uint64(a.num("seed", 1))
		return nil
	}},
	{pattern: "recorded from message <num:n>", does: func(r *run, a *args) error {
		r.o.Start.Message = uint64(a.num("n", 0))
		return nil
	}},
	{pattern: "recorded from <time:after>", does: func(r *run, a *args) error {
		r.o.Start.After = a.duration("after")
		return nil
	}},
	{pattern: "recorded with noise <ratio:n> to 1 [by <num:seed>]", does: func(r *run, a *args) error {
		r.o.Noise.Ratio, _ = strconv.ParseFloat(a.get("n"), 64)
		r.o.Noise.Seed = uint64(a.num("seed", 1))
		return nil
	}},
	{pattern: "recorded with retries <rate:rate> [by <num:seed>]", does: func(r *run, a *args) error {
		r.o.Retries.Rate, _ = parseRate(a.get("rate"))
		r.o.Retries.Seed = uint64(a.num("seed", 1))
		return nil
	}},
	{pattern: "time <moment:t>", does: func(r *run, a *args) error {
		t, _ := time.Parse(time.RFC3339Nano, a.get("t"))
		r.knobs.time = es.Time(t.UnixNano())
		return nil
	}},
	{pattern: "timebase <fraction:f>", does: func(r *run, a *args) error {
		n, d, _ := strings.Cut(a.get("f"), "/")
		x, _ := strconv.Atoi(n)
		y, _ := strconv.Atoi(d)
		r.knobs.timebase = es.Timebase{Numer: uint32(x), Denom: uint32(y)}
		return nil
	}},
	{pattern: "host <word:host>", does: func(r *run, a *args) error { r.knobs.host = a.get("host"); return nil }},
	{pattern: "boot <word:boot>", does: func(r *run, a *args) error { r.knobs.boot = a.get("boot"); return nil }},
	{pattern: "seed <num:n>", does: func(r *run, a *args) error { r.knobs.seed = uint64(a.num("n", 1)); return nil }},
	{pattern: "dying images close before|after the exec", does: func(r *run, a *args) error {
		r.knobs.shadow = shadowAfter
		if a.get("before|after") == "before" {
			r.knobs.shadow = shadowBefore
		}
		return nil
	}},
}

func init() {
	for i := range knobs {
		knobs[i].knob = true
	}
}

// under is o with what over says in its place, and the defaults where neither says anything.
func (o Options) under(over Options) Options {
	set(&o.Version, over.Version)
	if o.Version == 0 {
		o.Version = 8
	}
	o.Version = min(max(o.Version, 6), 11)
	set(&o.Tokens, over.Tokens)
	set(&o.KeySeed, over.KeySeed)
	set(&o.Subscribed, over.Subscribed)
	set(&o.Shuffle, over.Shuffle)
	set(&o.Duplicate, over.Duplicate)
	set(&o.Noise, over.Noise)
	set(&o.Retries, over.Retries)
	o.Pretty = o.Pretty || over.Pretty
	o.Bare = o.Bare || over.Bare
	if over.Loss.Rate > 0 || len(over.Loss.Seqs) > 0 {
		o.Loss = over.Loss
	}
	set(&o.Start.Message, over.Start.Message)
	set(&o.Start.After, over.Start.After)
	o.Start.NoSnapshot = o.Start.NoSnapshot || over.Start.NoSnapshot
	return o
}

func set[T comparable](to *T, v T) {
	var zero T
	if v != zero {
		*to = v
	}
}
