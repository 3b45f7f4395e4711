package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// The budgets.
const (
	soon     = 50 * time.Millisecond
	cheap    = 3.0  // percent of a core at 5,000 messages a second
	bearable = 20.0 // at 30,000
)

// measure measures everything, and says it as a page and as a list of the budgets that were missed.
func (t tools) measure() (page string, missed []string, err error) {
	var b strings.Builder
	miss := func(format string, args ...any) { missed = append(missed, fmt.Sprintf(format, args...)) }
	fmt.Fprintf(&b, "Measured on %s, %s, %s/%s, %d processors, with a load of %s when it began, and eslogger being the stand-in.\n\n",
		time.Now().UTC().Format("2006-01-02"), processor(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), load())
	b.WriteString("| what | p50 | p99 | worst | budget |\n|---|---|---|---|---|\n")
	for _, x := range []struct {
		name, plan string
		most       time.Duration
		bound      bool
		args       []string
	}{
		{"from settling to the line, quiet Mac", "wait 1s; save 150 201ms; wait 3s; exit 0", 36 * time.Second, true, nil},
		{"the same, at 5,000 messages a second", "busy 150000 5000 201ms; wait 3s; exit 0", 36 * time.Second, true, nil},
		{"quiet Mac, by a terminal", "wait 1s; save 150 201ms; wait 3s; exit 0", 36 * time.Second, false, []string{"--terminal"}},
		{"quiet Mac, an eslogger that writes by the block", "blocks; wait 1s; save 150 201ms; wait 3s; exit 0", 36 * time.Second, false, nil},
	} {
		l, err := t.latency(x.plan, x.most, x.args...)
		if err != nil {
			return "", nil, err
		}
		budget := "none"
		if x.bound {
			budget = ms(soon)
			if l.at(0.99) > soon {
				miss("%s: p99 %s of %s", x.name, ms(l.at(0.99)), budget)
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", x.name, ms(l.at(0.5)), ms(l.at(0.99)), ms(l.at(1)), budget)
		fmt.Printf("%s: p50 %s, p99 %s, worst %s of %d\n", x.name, ms(l.at(0.5)), ms(l.at(0.99)), ms(l.at(1)), len(l))
	}
	fmt.Fprintf(&b, "\n| messages a second, for %v | reached | of one core | of that in the kernel | eslogger | dropped by us | memory | load | budget |\n|---|---|---|---|---|---|---|---|---|\n", *lasts)
	for _, x := range []struct {
		rate  int
		most  float64 // percent of a core; 0: no budget
		how   string
		args  []string
		drops bool // there is a budget for drops: none
	}{
		{5000, cheap, "", nil, true},
		{30000, bearable, "", nil, true},
		{5000, 0, ", by a terminal", []string{"--terminal"}, false},
		{30000, 0, ", by a terminal", []string{"--terminal"}, false},
	} {
		c, err := t.cost(x.rate, x.args...)
		if err != nil {
			return "", nil, err
		}
		budget := "none"
		if x.most > 0 {
			budget = fmt.Sprintf("%.0f %%, none dropped", x.most)
			if c.cpu > x.most {
				miss("%d a second cost %.1f %% of %.0f %%", x.rate, c.cpu, x.most)
			}
			if c.rate < 0.99*float64(x.rate) {
				miss("%d a second were to be told, %.0f were", x.rate, c.rate)
			}
		}
		if x.drops && c.lost > 0 {
			miss("%d of %d messages were dropped at %d a second", c.lost, c.written, x.rate)
		}
		fmt.Fprintf(&b, "| %d%s | %.0f | %.1f %% | %.1f %% | %.1f %% | %d of %d | %d MiB | %s | %s |\n", x.rate, x.how, c.rate, c.cpu, c.kernel, c.eslogger, c.lost, c.written, c.memory>>20, load(), budget)
		fmt.Printf("%d a second%s: %.1f %% of a core (%.1f %% in the kernel; eslogger %.1f %%), %d of %d dropped, %d MiB\n", x.rate, x.how, c.cpu, c.kernel, c.eslogger, c.lost, c.written, c.memory>>20)
	}
	waking := waking()
	fmt.Fprintf(&b, "\nFor comparison: a program that does nothing but wake 100 times a second cost %.1f %% of a core then.\n", waking)
	fmt.Printf("waking 100 times a second: %.1f %% of a core\n", waking)
	if len(missed) > 0 {
		fmt.Fprintf(&b, "\n**Missed: %s.**\n", strings.Join(missed, "; "))
	}
	return b.String(), missed, nil
}

// waking is what it costs this machine to wake a program 100 times a second, in percent of a core.
func waking() float64 {
	const lasts = 5 * time.Second
	before := usage(os.Getpid())
	began := time.Now()
	for time.Since(began) < lasts {
		time.Sleep(10 * time.Millisecond)
	}
	after := usage(os.Getpid())
	return 100 * (after.user + after.kernel - before.user - before.kernel) / time.Since(began).Seconds()
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// load is the machine's load average, which tells what else ran.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// processor is what the machine calls its processors.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "a processor without a name"
}
