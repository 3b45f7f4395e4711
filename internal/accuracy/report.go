package accuracy

import (
	"fmt"
	"io"
	"strings"

	"ascribe.example/finding"
	"ascribe.example/score"
)

// Report writes what came of a corpus as Markdown; random may be nil.
func (r *Result) Report(w io.Writer, random *score.Board) error {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	plain := r.Boards[0]
	held := only(plain, func(t *score.Truth) bool { return t.Held })
	n := held[0].Recordings()
	p("All of it is **synthetic**: %d scenarios with %d operations, %d of them (%d operations) the measured part, whose SHA-256 is\n`%s`.\n",
		len(r.Stories), plain[0].Operations(), n, held[0].Operations(), HeldHash(r.Stories))
	p("Recorded in %d ways: %d messages. Each share stands with its 95 %% interval.\n", len(r.Conditions), r.Messages)

	p("\n### Synthetic: the goals, with everything subscribed and nothing lost\n\n%s", r.goals(held[0], plain[0], random))
	p("\n### Synthetic: ascribe and three simple tools on the same messages, measured part\n\n")
	p("Everything subscribed, nothing lost. %s\n\n%s", saysOfTools(), score.RolesTable(held...))
	p("\n### Synthetic: the part that rules were tuned on\n\n%s", score.RolesTable(only(plain[:1], func(t *score.Truth) bool { return !t.Held })...))

	var ways []*score.Board
	for _, c := range r.Boards {
		ways = append(ways, c[0])
	}
	pool := score.Pool(ways...)
	p("\n### Synthetic: how often each level was right, measured part, recorded in every way\n\n%s", score.LevelsTable(only([]*score.Board{pool}, func(t *score.Truth) bool { return t.Held })[0]))
	p("\n### Synthetic: how often each level was right, all scenarios, recorded in every way\n\n%s", score.LevelsTable(pool))
	if random != nil {
		p("\n### Synthetic: how often each level was right in %d random scenarios, recorded in random ways\n\n", random.Recordings())
		p("Their seeds, from %d on, are none by which rules were mended.\n\n%s", firstSeed, score.LevelsTable(random))
	}
	p("\n### Synthetic: by the weakest fact that a scenario stands on\n\nEverything subscribed, nothing lost, all scenarios. %s\n\n", tagWords)
	var names []string
	var boards []*score.Board
	for _, tag := range tags {
		names = append(names, "["+tag+"]")
		boards = append(boards, plain[0].Only(func(t *score.Truth) bool { return t.Weakest == tag }))
	}
	b.WriteString(score.SplitTable("weakest", names, boards))

	p("\n### Synthetic: loss, order, late start, subscriptions\n\nAll scenarios. An operation counts where at least one of its messages was delivered.\n\n")
	names, boards = nil, nil
	for i, c := range r.Conditions {
		for _, t := range r.Boards[i] {
			names, boards = append(names, c.Name+": "+t.Tool), append(boards, t)
		}
	}
	b.WriteString(score.SplitTable("recorded", names, boards))
	p("\n### Synthetic: by action\n\nEverything subscribed, nothing lost, all scenarios.\n\n%s", score.ActionsTable(plain[0]))
	_, err := io.WriteString(w, b.String())
	return err
}

// ReportRecorded writes what came of recordings, or of the answers about them.
func ReportRecorded(w io.Writer, boards []*score.Board) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d recordings, %d operations. Each share stands with its 95 %% interval.\n\n%s", boards[0].Recordings(), boards[0].Operations(), score.RolesTable(boards...))
	for _, t := range boards {
		if t.Leveled() {
			fmt.Fprintf(&b, "\nHow often each level of %s was right:\n\n%s", t.Tool, score.LevelsTable(t))
		}
	}
	fmt.Fprintf(&b, "\n%s", score.ActionsTable(boards[0]))
	_, err := io.WriteString(w, b.String())
	return err
}

const tagWords = "[D] documented by Apple, [S] read in public source, [R] reported or measured by others, [G] an inference of ours."

func saysOfTools() string {
	return "*reported* names the process that ES reports, as it stands; *token* the momentary responsible token; *parents* the\n" +
		"top of the parent chain, launchd skipped. All three name as the actor whom ES reports, message by message, and as the\n" +
		"initiator a user, without a class: that alone is asked of them."
}

func only(boards []*score.Board, keep func(*score.Truth) bool) []*score.Board {
	var l []*score.Board
	for _, b := range boards {
		l = append(l, b.Only(keep))
	}
	return l
}

// goals sets the figures against what the project aims at.
func (r *Result) goals(held, all, random *score.Board) string {
	var b strings.Builder
	b.WriteString("| goal | measured part | all scenarios | |\n|---|---|---|---|\n")
	line := func(what string, of func(*score.Board) score.Share, least float64) {
		h, a := of(held), of(all)
		verdict := "met"
		if h.Point() < least || a.Point() < least {
			verdict = "**missed**"
		}
		fmt.Fprintf(&b, "| %s | %s %% | %s %% | %s |\n", what, h.Percent(), a.Percent(), verdict)
	}
	line("at least 98 % of operations with the right action and path", func(b *score.Board) score.Share { return b.Recall(finding.RoleAction) }, 0.98)
	line("at least 99 % right actor among the answered", func(b *score.Board) score.Share { return b.Precision(finding.RoleActor) }, 0.99)
	line("at least 98 % right responsible among the answered", func(b *score.Board) score.Share { return b.Precision(finding.RoleResponsible) }, 0.98)
	line("at least 98 % right initiator among the answered", func(b *score.Board) score.Share { return b.Precision(finding.RoleInitiator) }, 0.98)
	for _, role := range finding.Roles {
		line("at most 2 % unknown: "+string(role)+" answered", func(b *score.Board) score.Share { return b.Coverage(role) }, 0.98)
	}
	wrong := 0
	for _, c := range r.Boards {
		wrong += c[0].WrongCertain()
	}
	more := ""
	if random != nil {
		wrong += random.WrongCertain()
		more = fmt.Sprintf(", and in %d random scenarios", random.Recordings())
	}
	verdict := "met"
	if wrong > 0 {
		verdict = "**missed**"
	}
	fmt.Fprintf(&b, "| no wrong `certain`, recorded in any of %d ways%s | | %d | %s |\n", len(r.Conditions), more, wrong, verdict)
	return b.String()
}
