package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ascribe.example/finding"
	"ascribe.example/finding/text"
	"ascribe.example/internal/scenario"
	"ascribe.example/pipeline"
	"ascribe.example/rules"
	"github.com/spf13/cobra"
)

// rulesFlags say which rules are asked about each finding.
type rulesFlags struct {
	files  []string
	failOn string
	only   bool
}

func (r *rulesFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&r.files, "rules", nil, "`FILE` of rules (docs/rules.md), or shipped for those that come with ascribe; may be given more than once")
	f.BoolVar(&r.only, "matches", false, "with --rules, tell only findings that a rule holds of")
	f.StringVar(&r.failOn, "fail-on", "", "with --rules, exit with status 4 if a rule of that `SEVERITY` or above held: info, low, medium, high or critical")
	markFile(cmd, "rules")
	complete(cmd, "fail-on", "info", "low", "medium", "high", "critical")
}

// errMatched ends a job in which a rule held that --fail-on names. It was told already.
var errMatched = errors.New("a rule held")

// marker asks the rules about what a job finds.
type marker struct {
	set    *rules.Set // nil: none
	only   bool
	failOn int // index into the severities; -1 none
}

// load reads the rules.
func (r *rulesFlags) load() (*marker, error) {
	m := &marker{failOn: -1, only: r.only}
	if len(r.files) == 0 {
		if r.failOn != "" || r.only {
			return nil, usagef("--fail-on and --matches are about --rules, of which there are none")
		}
		return m, nil
	}
	if r.failOn != "" {
		if m.failOn = slices.Index(finding.Severities, finding.Severity(r.failOn)); m.failOn < 0 {
			return nil, usagef("--fail-on %s: it is info, low, medium, high or critical", r.failOn)
		}
	}
	set, err := loadRules(r.files)
	if err != nil {
		return nil, usageError{err}
	}
	m.set = set
	return m, nil
}

// mark asks the rules about a finding.
func (m *marker) mark(f *finding.Finding) {
	if m.set != nil {
		m.set.Mark(f)
	}
}

// shows reports whether a marked finding is to be told.
func (m *marker) shows(f *finding.Finding) bool { return !m.only || len(f.Rules) > 0 }

// before lets the rules mark what goes to where a job's findings go.
func (m *marker) before(j *job) {
	if m.set == nil {
		return
	}
	take := j.take
	j.take = func(f *finding.Finding) error {
		m.mark(f)
		if !m.shows(f) {
			return nil
		}
		return take(f)
	}
}

// loadRules reads files of rules; what is wrong with any of them is told at once.
func loadRules(files []string) (*rules.Set, error) {
	var (
		set  rules.Set
		errs []error
	)
	for _, name := range files {
		if name == rules.Shipped {
			if err := set.LoadShipped(); err != nil {
				errs = append(errs, err)
			}
			continue
		}
		content, err := os.ReadFile(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("read rules: %w", err))
			continue
		}
		if err := set.Load(name, content); err != nil {
			errs = append(errs, err)
		}
	}
	return &set, errors.Join(errs...)
}

// end says on standard error what held, and whose condition failed; the error is for the exit status.
func (m *marker) end(w io.Writer) error {
	if m.set == nil {
		return nil
	}
	for _, err := range m.set.Faults() {
		fmt.Fprintf(w, "ascribe: %s\n", visible(err))
	}
	var parts []string
	above := false
	for i, s := range finding.Severities {
		if n := m.set.Matched[i]; n > 0 {
			parts = append(parts, thousands(n)+" "+string(s))
			above = above || m.failOn >= 0 && i >= m.failOn
		}
	}
	says := "none held"
	if parts != nil {
		slices.Reverse(parts)
		says = "held: " + strings.Join(parts, ", ")
	}
	fmt.Fprintf(w, "%s, %s\n", plural(uint64(len(m.set.Rules())), "rule"), says)
	if above {
		return errMatched
	}
	return nil
}

func newRules(c console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List, check and test rules: named conditions over findings",
		Long: `rules works on files of rules, which run, watch, import and service run ask about each
finding with --rules FILE. docs/rules.md says how they are written. "shipped" in place of a file
means the rules that come with ascribe.`,
		Example: `  ascribe rules list
  ascribe rules check my-rules.yaml
  ascribe rules test my-rules.yaml my-test.txt`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newRulesList(c), newRulesCheck(c), newRulesTest(c))
	return cmd
}

func newRulesCheck(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE...",
		Short: "Say what is wrong with files of rules, and where",
		Long: `check reads files of rules, and says all that is wrong with them, with the place. Exit
status: 0 nothing is wrong; 1 something is.`,
		Example: `  ascribe rules check my-rules.yaml`,
		Args:    ruleFiles,
		RunE: func(_ *cobra.Command, args []string) error {
			set, err := loadRules(args)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.out, "%s, nothing wrong\n", plural(uint64(len(set.Rules())), "rule"))
			return err
		},
	}
}

func ruleFiles(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef("a file of rules is needed, or the word shipped")
	}
	return nil
}

func newRulesList(c console) *cobra.Command {
	var out outputFlags
	cmd := &cobra.Command{
		Use:   "list [flags] [FILE...]",
		Short: "List rules: what they are about, how much they matter",
		Long:  `list shows the rules of files; without a file, those that come with ascribe.`,
		Example: `  ascribe rules list
  ascribe rules list my-rules.yaml shipped`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := out.check(); err != nil {
				return err
			}
			if len(args) == 0 {
				args = []string{rules.Shipped}
			}
			set, err := loadRules(args)
			if err != nil {
				return err
			}
			q := question{out: out}
			a := q.answer(c)
			for _, r := range set.Rules() {
				if a.text != nil {
					continue
				}
				line, err := json.Marshal(listed{"ascribe.rule/1", r.Name, r.Severity, r.About, r.When, r.Message, append([]string{}, r.Tags...), r.Many, r.File, r.Line})
				if err != nil {
					return err
				}
				if err := a.json(line); err != nil {
					return err
				}
			}
			if a.text != nil {
				var rows [][]string
				for _, r := range set.Rules() {
					rows = append(rows, []string{string(r.Severity), r.Name, strings.Join(strings.Fields(r.About), " ")})
				}
				if err := a.text.Table([]text.Column{{Title: "severity"}, {Title: "rule"}, {Title: "about"}}, rows); err != nil {
					return err
				}
			}
			return a.w.Flush()
		},
	}
	out.add(cmd, false)
	return cmd
}

type listed struct {
	Schema   string           `json:"schema"`
	Name     string           `json:"name"`
	Severity finding.Severity `json:"severity"`
	About    string           `json:"about"`
	When     string           `json:"when"`
	Message  string           `json:"message"`
	Tags     []string         `json:"tags"`
	Many     uint64           `json:"many"`
	File     string           `json:"file"`
	Line     int              `json:"line"`
}

func newRulesTest(c console) *cobra.Command {
	var verbose bool
	cmd := &cobra.Command{
		Use:   "test [flags] FILE... SCRIPT...",
		Short: "Let things happen on a simulated Mac, and see which rules hold of them",
		Long: `test reads rules (files that end in .yaml or .yml, or the word shipped) and scripts. A
script says what happens on a Mac (docs/scenarios.md), then, below a line ---, which
rules must hold of it (fires NAME [on PATH] [N times]) and which must not (quiet NAME),
or that no other may (nothing else). Reads are told.

Exit status: 0 all is as the scripts say; 1 something is not.`,
		Example: `  ascribe rules test my-rules.yaml my-test.txt
  ascribe rules test shipped tests/*.txt`,
		Args: ruleFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			var files, scripts []string
			for _, a := range args {
				switch ext := filepath.Ext(a); {
				case a == rules.Shipped, ext == ".yaml", ext == ".yml":
					files = append(files, a)
				default:
					scripts = append(scripts, a)
				}
			}
			if files == nil || scripts == nil {
				return usagef("rules test needs files of rules (.yaml, or the word shipped) and scripts")
			}
			failed := 0
			for _, name := range scripts {
				wrong, fired, err := testRules(cmd.Context(), c, files, name)
				if err != nil {
					return err
				}
				for _, w := range wrong {
					fmt.Fprintln(c.out, text.Visible(w))
				}
				if wrong != nil {
					failed++
				}
				if verbose {
					for _, f := range fired {
						fmt.Fprintln(c.out, text.Visible(fmt.Sprintf("%s: %s on %s: %s", name, f.Rule, f.Path, f.Says)))
					}
				}
			}
			if failed > 0 {
				return fmt.Errorf("of %s, %d went otherwise", plural(uint64(len(scripts)), "script"), failed)
			}
			_, err := fmt.Fprintf(c.out, "%s as expected\n", plural(uint64(len(scripts)), "script"))
			return err
		},
	}
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "say all that fired")
	return cmd
}

// testRules lets a script happen, and says what the rules do otherwise than it expects.
func testRules(ctx context.Context, c console, files []string, name string) (wrong []string, fired []rules.Firing, err error) {
	set, err := loadRules(files) // anew for each script: rules may count
	if err != nil {
		return nil, nil, err
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, fmt.Errorf("read a script: %w", err)
	}
	script, err := set.ParseScript(name, string(content))
	if err != nil {
		return nil, nil, err
	}
	parsed, err := scenario.Parse(name, script.Scenario)
	if err != nil {
		return nil, nil, err
	}
	happened, err := scenario.Build(parsed, scenario.Options{})
	if err != nil {
		return nil, nil, err
	}
	j, err := newJob(c, &inputFlags{}, nil)
	if err != nil {
		return nil, nil, err
	}
	j.inputs = []pipeline.Input{pipeline.Stream(name, bytes.NewReader(happened.Recording()))}
	j.options.Reads, j.quiet = true, true
	j.take = func(f *finding.Finding) error {
		set.Mark(f)
		fired = rules.Fired(fired, f)
		return nil
	}
	if err := j.run(ctx); err != nil {
		return nil, nil, err
	}
	for _, fault := range set.Faults() {
		wrong = append(wrong, visible(fault))
	}
	return append(wrong, script.Check(name, fired)...), fired, nil
}
