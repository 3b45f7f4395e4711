package scenario_test

import (
	"fmt"
	"sync"
	"testing"

	"ascribe.example/internal/scenario"
)

func ExampleBuild() {
	s, err := scenario.Parse("drag.txt", `
user    alice 501 console
volume  /Volumes/USB external exfat
app     Finder com.apple.finder of alice
service DSH com.apple.DesktopServicesHelper for Finder
DSH     copies /Users/alice/plan.pdf to /Volumes/USB/plan.pdf
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := scenario.Build(s, scenario.Options{Subscribed: "close only"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range r.Truth {
		fmt.Println(x.Action, x.Path, "by", x.Method, "for", x.Initiator.User)
	}
	fmt.Println(len(r.Messages), "messages, all of kind", r.Messages[0].Kind())
	// Output:
	// copy /Volumes/USB/plan.pdf by read-write for alice
	// 12 messages, all of kind close
}

// A script can be built by several goroutines at once.
func TestManyBuilds(t *testing.T) {
	s := scenario.Random(7, 12)
	var group sync.WaitGroup
	sizes := make([]int, 4)
	for i := range sizes {
		group.Go(func() {
			r, err := scenario.Build(s, scenario.Options{})
			if err == nil {
				sizes[i] = len(r.Recording())
			}
		})
	}
	group.Wait()
	for _, n := range sizes {
		if n == 0 || n != sizes[0] {
			t.Errorf("recordings of %v bytes", sizes)
		}
	}
}
