package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"ascribe.example/cmd/ascribe/launchd"
	"ascribe.example/pipeline/service"
	"github.com/spf13/cobra"
)

// serviceLabel names the service to launchd.
const serviceLabel = "ascribe.service"

// serviceFolder is where the service keeps everything by default.
func serviceFolder() string {
	if runtime.GOOS == "darwin" {
		return "/Library/Application Support/ascribe"
	}
	return "/var/lib/ascribe"
}

// serviceFlags are common to the service's verbs.
type serviceFlags struct {
	folder    string
	root      string
	launchctl string
	live      liveFlags
	in        inputFlags
	keep      int
	store     string
	rules     []string
	lasts     time.Duration
	events    bool
}

func newService(c console) *cobra.Command {
	var s serviceFlags
	cmd := &cobra.Command{
		Use:   "service",
		Short: "Watch this Mac all the time, as a service of launchd",
		Long: `service watches a Mac from its start on, and keeps what it finds as JSON lines in
a folder. However it ends, by a kill or a restart of the Mac, it goes on where it
was: nothing that it took is lost or told twice, and the time in between is a gap
that it tells.

It needs Full Disk Access for ascribe itself: System Settings → Privacy & Security →
Full Disk Access, + and the program.`,
		Example: `  sudo ascribe service install
  ascribe service status
  sudo ascribe service remove`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	f := cmd.PersistentFlags()
	f.StringVar(&s.folder, "folder", serviceFolder(), "`FOLDER` where the service keeps everything")
	f.StringVar(&s.root, "root", "/", "`FOLDER` that stands for /, for packages and tests")
	f.StringVar(&s.launchctl, "launchctl", "/bin/launchctl", "`PATH` of launchctl")
	cmd.AddCommand(s.run(c), s.install(c), s.status(c), s.remove(c))
	return cmd
}

func (s *serviceFlags) daemon() (launchd.Daemon, error) {
	self, err := os.Executable()
	if err == nil {
		self, err = filepath.EvalSymlinks(self)
	}
	if err != nil {
		return launchd.Daemon{}, fmt.Errorf("find this program: %w", err)
	}
	folder, err := filepath.Abs(s.folder) // launchd begins it in /
	if err != nil {
		return launchd.Daemon{}, fmt.Errorf("find %s: %w", s.folder, err)
	}
	return launchd.Daemon{
		Label: serviceLabel, Arguments: []string{self, "service", "run", "--folder", folder},
		Stderr: filepath.Join(folder, "stderr.log"), Root: s.root, Launchctl: s.launchctl,
	}, nil
}

func (s *serviceFlags) run(c console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Be the service: what launchd starts",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			options, notes, err := s.in.engine()
			if err != nil {
				return err
			}
			options.Events = s.events
			set, err := loadRules(s.rules)
			if err != nil {
				return usageError{err}
			}
			log, err := service.OpenLog(s.folder)
			if err != nil {
				return err
			}
			for _, n := range notes {
				log.Tell(n)
			}
			stream := s.live.stream(false, log.Tell)
			stream.Endure = true // somebody may give it what it lacks
			kept, err := keep(cmd.Context(), s.store)
			if err != nil {
				return errors.Join(err, log.Close())
			}
			log.Tell("begins")
			boundMemory()
			ctx, cancel := during(cmd.Context(), s.lasts, stream)
			defer cancel()
			config := service.Config{
				Folder: s.folder, Stream: stream, Options: options, Tell: log.Tell, FindingsFiles: s.keep,
				More: kept.add, Commit: kept.commit,
			}
			if len(s.rules) > 0 {
				config.Rules = set
			}
			err = service.Run(ctx, config)
			for _, fault := range set.Faults() {
				log.Tell(fault.Error())
			}
			err = errors.Join(err, kept.close())
			if err != nil {
				log.Tell(err.Error())
			}
			log.Tell("ends")
			return errors.Join(err, log.Close())
		},
	}
	s.live.add(cmd)
	s.in.add(cmd)
	addStore(cmd, &s.store, "`STORE` that keeps the findings, too: a folder, or postgres://…")
	cmd.Flags().StringArrayVar(&s.rules, "rules", nil, "`FILE` of rules (docs/rules.md), or shipped; may be given more than once")
	markFile(cmd, "rules")
	cmd.Flags().IntVar(&s.keep, "keep", 40, "`N` files of findings to keep, of 256 MB each; 0 all")
	cmd.Flags().DurationVar(&s.lasts, "for", 0, "`TIME` to run, from the first message on")
	cmd.Flags().BoolVar(&s.events, "events", false, "keep every file event, too")
	return cmd
}

func (s *serviceFlags) install(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "install [-- FLAGS OF RUN...]",
		Short: "Install and start the service; it begins with macOS from then on",
		Example: `  sudo ascribe service install -- --store "/Library/Application Support/ascribe/store"
  sudo ascribe service install -- --rules shipped`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && cmd.ArgsLenAtDash() != 0 {
				return usagef("install takes no arguments, but got %q; flags for the service stand behind --", args[0])
			}
			d, err := s.daemon()
			if err != nil {
				return err
			}
			d.Arguments = append(d.Arguments, args...)
			if err := os.MkdirAll(s.folder, 0o700); err != nil { // launchd makes the file of standard error, not its folder
				return fmt.Errorf("make the service's folder: %w", err)
			}
			if err := d.Install(); err != nil {
				return err
			}
			fmt.Fprintf(c.out, "installed %s as %s; it keeps its findings in %s\n", d.Arguments[0], d.Path(), s.folder)
			fmt.Fprintf(c.out, "give it Full Disk Access: System Settings → Privacy & Security → Full Disk Access, +, %s\nthen ask: ascribe service status\n", d.Arguments[0])
			return nil
		},
	}
}

func (s *serviceFlags) remove(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "remove",
		Short: "End the service and take it out of macOS; what it kept stays",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			d, err := s.daemon()
			if err != nil {
				return err
			}
			if err := d.Remove(); err != nil {
				return err
			}
			fmt.Fprintf(c.out, "removed %s; what it kept is in %s\n", d.Path(), s.folder)
			return nil
		},
	}
}

func (s *serviceFlags) status(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "How the service is, and what it lacks",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			d, err := s.daemon()
			if err != nil {
				return err
			}
			state, stateErr := d.State()
			st, err := service.ReadStatus(s.folder)
			if err != nil {
				return err
			}
			switch {
			case stateErr != nil:
				fmt.Fprintf(c.out, "launchd       not asked: %v\n", stateErr)
			case !state.Installed:
				fmt.Fprintln(c.out, "launchd       not installed: sudo ascribe service install")
			case !state.Loaded:
				fmt.Fprintln(c.out, "launchd       installed, not loaded: sudo ascribe service install loads it")
			case state.PID == 0:
				fmt.Fprintf(c.out, "launchd       loaded, does not run; last exit %s; see %s\n", state.LastExit, filepath.Join(s.folder, service.LogName))
			default:
				fmt.Fprintf(c.out, "launchd       runs it, process %d\n", state.PID)
			}
			if st == nil {
				return fmt.Errorf("the service in %s has never run", s.folder)
			}
			age := time.Since(st.Time).Round(time.Second)
			fmt.Fprintf(c.out, "service       %s, %v ago\n", map[bool]string{true: "ran, process " + fmt.Sprint(st.PID), false: "had ended"}[st.Running], age)
			fmt.Fprintf(c.out, "eslogger      %s\n", map[bool]string{true: "tells", false: "does not tell"}[st.Source])
			if st.Trouble != "" {
				fmt.Fprintf(c.out, "trouble       %s\n", st.Trouble)
			}
			if st.Remedy != "" {
				fmt.Fprintf(c.out, "remedy        %s\n", st.Remedy)
			}
			if !st.Newest.IsZero() {
				fmt.Fprintf(c.out, "newest        %s, %v before that; a message is %.1f ms on its way\n", st.Newest.UTC().Format(time.RFC3339), st.Time.Sub(st.Newest).Round(time.Millisecond), st.LagMS)
			}
			fmt.Fprintf(c.out, "since then    %s, %s dropped here, %s\n", plural(st.Messages, "message"), thousands(st.Dropped), plural(st.Findings, "finding"))
			fmt.Fprintf(c.out, "checkpoint    %s\n", st.Checkpoint.UTC().Format(time.RFC3339))
			if !st.Running || age > time.Minute {
				return fmt.Errorf("the service in %s does not run", s.folder)
			}
			return nil
		},
	}
}
