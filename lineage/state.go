package lineage

import (
	"encoding/gob"
	"errors"
	"fmt"
	"maps"
	"slices"

	"ascribe.example/es"
)

// state is everything that a tracker knows, as plain data: handles instead of pointers, sorted lists instead of maps.
// Limits are not part of it.
type state struct {
	Boot     uint32
	Now      es.Moment
	Kinds    es.Kinds
	Next     Ref
	NextLife LifeID
	Stats    Stats

	Executions []savedExecution // by Ref
	Forgotten  []es.Key         // the ring, from its start
	Place      int
	Below      es.Key
	Holes      holes
	Gaps       []gap

	Sessions []session
	Logins   []remoteLogin
	Screens  []screen
	Sharing  []ScreenSharing
	Users    []es.User

	Links    []link
	Services []savedRefs
	Labels   []savedRefs
	Jobs     []es.Job // label and services only
}

type savedExecution struct {
	E        Execution
	Older    Ref // under the same pid
	Placed   bool
	Retained int32
	Becomes  []Become
	Serves   []tie
}

type savedRefs struct {
	Name string
	Refs []Ref
}

// Save writes the tracker's state; [Tracker.Restore] reads it.
func (t *Tracker) Save(w *gob.Encoder) error {
	if err := w.Encode(t.state()); err != nil {
		return fmt.Errorf("save lineage: %w", err)
	}
	return nil
}

// state is what is saved. It shares memory with the tracker.
func (t *Tracker) state() *state {
	st := &state{
		Boot: t.boot, Now: t.now, Kinds: t.kinds, Next: t.next, NextLife: t.nextLife, Stats: t.stats,
		Forgotten: t.forgotten.ring, Place: t.forgotten.place, Below: t.forgotten.below, Holes: t.holes, Gaps: t.gaps,
		Sessions: t.sessions, Logins: t.logins, Screens: t.screens, Sharing: t.sharing, Links: t.links,
	}
	for _, r := range t.inOrder() {
		s := t.slotOf(r)
		x := savedExecution{E: s.e, Placed: s.placed, Retained: s.retained, Becomes: s.becomes, Serves: s.serves}
		if s.older != 0 {
			x.Older = t.slots.at(s.older).e.Ref
		}
		st.Executions = append(st.Executions, x)
	}
	for _, uid := range slices.Sorted(maps.Keys(t.users)) {
		st.Users = append(st.Users, es.User{UID: uid, Name: t.users[uid]})
	}
	for _, name := range slices.Sorted(maps.Keys(t.services)) {
		if l := t.services[name].lives; len(l) > 0 {
			st.Services = append(st.Services, savedRefs{name, l})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.labels)) {
		st.Labels = append(st.Labels, savedRefs{name, t.labels[name]})
	}
	for _, label := range slices.Sorted(maps.Keys(t.jobs)) {
		st.Jobs = append(st.Jobs, es.Job{Label: label, MachServices: t.jobs[label]})
	}
	return st
}

// Restore fills a new tracker from what [Tracker.Save] wrote: it then answers, and goes on, as the saved one would have.
func (t *Tracker) Restore(d *gob.Decoder) error {
	if t.turn != 0 || len(t.keys) != 0 {
		return errors.New("restore lineage: this tracker has been fed already; restore into a new one")
	}
	var st state
	if err := d.Decode(&st); err != nil {
		return fmt.Errorf("restore lineage: %w", err)
	}
	t.boot, t.now, t.kinds, t.next, t.nextLife, t.stats = st.Boot, st.Now, st.Kinds, st.Next, st.NextLife, st.Stats
	t.hold()
	t.holes, t.gaps = st.Holes, st.Gaps
	t.sessions, t.logins, t.screens, t.sharing, t.links = st.Sessions, st.Logins, st.Screens, st.Sharing, st.Links
	for _, k := range st.Forgotten {
		t.forgotten.add(k)
	}
	t.forgotten.place, t.forgotten.below = st.Place, st.Below
	if err := t.restoreExecutions(st.Executions); err != nil {
		return err
	}
	for i := range t.sessions {
		t.sessionIx[sessionKey{t.sessions[i].Boot, t.sessions[i].ASID}] = int32(i)
	}
	for i := range t.logins {
		t.loginIx[t.logins[i].Life] = int32(i)
	}
	for _, u := range st.Users {
		t.users[u.UID] = u.Name
	}
	for _, s := range st.Services {
		t.service(s.Name).lives = s.Refs
	}
	for _, l := range st.Labels {
		t.labels[l.Name] = l.Refs
	}
	for _, j := range st.Jobs {
		t.jobs[j.Label] = j.MachServices
		for _, name := range j.MachServices {
			t.jobsOf[name] = append(t.jobsOf[name], j.Label)
			t.jobNames++
		}
	}
	t.indexLinks()
	return nil
}

func (t *Tracker) restoreExecutions(list []savedExecution) error {
	for i := range list {
		x := &list[i]
		if x.E.Ref <= 0 || t.refs.get(x.E.Ref) != 0 || t.keys[x.E.Key] != 0 {
			return fmt.Errorf("restore lineage: execution %d is damaged or stands there twice", x.E.Ref)
		}
		k, s := t.slots.take()
		s.e, s.placed, s.retained, s.becomes, s.serves = x.E, x.Placed, x.Retained, x.Becomes, x.Serves
		t.shareStrings(&s.e)
		t.refs.put(s.e.Ref, k)
		t.keys[s.e.Key] = k
		if s.e.Alive() {
			t.live++
		} else {
			t.past++
		}
		t.weigh(s)
	}
	for i := range list {
		k := t.refs.get(list[i].E.Ref)
		if older := t.refs.get(list[i].Older); older != 0 {
			t.slots.at(k).older = older
			t.slots.at(older).newer = k
		}
	}
	for i := range list {
		k := t.refs.get(list[i].E.Ref)
		if s := t.slots.at(k); s.placed && s.newer == 0 {
			t.pids[pidKey{s.e.Key.Boot, s.e.Key.PID}] = k
		}
	}
	return nil
}

// shareStrings undoes gob's one copy for each place that a string stands in.
func (t *Tracker) shareStrings(e *Execution) {
	for _, s := range []*string{
		&e.Image.Path, &e.Image.SigningID, &e.Image.TeamID, &e.TTY, &e.Script, &e.CWD, &e.Label, &e.BundleID,
	} {
		*s = t.strings.get(*s)
	}
	for i := range e.Args {
		e.Args[i] = t.strings.get(e.Args[i])
	}
}
