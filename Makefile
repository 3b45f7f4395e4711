# make help lists what there is. Everything works with GNU make 3.81 and later, so with the one that macOS has.

GO       ?= go
FUZZTIME ?= 1m
FUZZ     ?= .
BENCH    ?= .
COUNT    ?= 1
LINT      = $(GO) tool -modfile=tools.mod golangci-lint

.DEFAULT_GOAL := build

help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

build: ## the program, as out/ascribe
	CGO_ENABLED=0 $(GO) build -trimpath -o out/ ./cmd/ascribe

test: ## all checks, on any machine with Go; says what it had to leave out, with CI=true leaves nothing out
	@sh .ci/test

quick: ## vet and the tests, without the race detector, lint and other systems
	$(GO) vet ./...
	$(GO) test ./...

lint: ## format and lint, as make test does
	$(LINT) run ./...

fmt: ## format the tree
	$(LINT) fmt

generate: ## write again what is generated
	$(GO) generate ./...

fuzz: ## fuzz every target for FUZZTIME (1m each); FUZZ=regexp picks some
	@FUZZTIME='$(FUZZTIME)' FUZZ='$(FUZZ)' sh .ci/fuzz

campaign: ## 100,000 random scenarios: no wrong certain answer (about ten minutes on a quiet core)
	ASCRIBE_RANDOM=100000 $(GO) test ./engine -run '^TestNoWrongCertain$$' -v -count=1 -timeout 3h

score: ## how often the answers are right, on the corpus: docs/accuracy.md written anew (about half a minute on a quiet machine)
	$(GO) run ./cmd/ascribe score corpus --doc docs/accuracy.md
.PHONY: score

bench: ## measure against yardsticks and write docs/performance.md; ARGS='-only ratios', ARGS='-only store -findings 10000000', ARGS=-h
	@GO='$(GO)' sh .ci/bench $(ARGS)

.PHONY: import-kills
import-kills: ## 100 imports into each database, killed at random moments and given again (some ten minutes on a quiet machine)
	ASCRIBE_KILLS=200 $(GO) test ./cmd/ascribe -run '^TestKilledImports$$' -v -count=1 -timeout 1h

microbench: ## Go benchmarks; BENCH=regexp picks some, COUNT=10 repeats them for benchstat
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./...

cover: ## coverage of all packages by all tests, as out/cover.html
	@mkdir -p out
	$(GO) test -coverpkg=./... -coverprofile=out/cover.txt ./...
	$(GO) tool cover -html=out/cover.txt -o out/cover.html
	@$(GO) tool cover -func=out/cover.txt | tail -n 1

golden: ## update the golden files; read the difference before you commit it
	$(GO) test $$(grep -rl --include='*_test.go' 'flag.Bool("update"' . | xargs -n 1 dirname | sort -u) -update

kills: ## kill the service and its eslogger 50 times: nothing taken is lost or repeated (half a minute)
	$(GO) test ./pipeline/service -run '^TestKills$$' -kills 50 -count=1 -v

live-demo: ## the live path with a stand-in for eslogger: what it shows, how soon, at what cost, against the budgets (eight minutes, on Linux)
	$(GO) run ./internal/livedemo -write

live-day: ## 100 million messages through the live path: memory over a day (about ten minutes on a quiet machine, on Linux)
	$(GO) run ./internal/livedemo -day -write

demo: ## the story that the shipped recording tells
	@$(GO) run ./cmd/ascribe demo

screenshot: ## draw docs/watch.svg again, from the live view in a real terminal (tmux)
	@sh .ci/screenshot

snapshot: ## all that a release is made of, in out/dist, and a check of it; nothing is published
	@sh .ci/release snapshot

man: ## the manual pages, in out/man
	@mkdir -p out/man
	$(GO) run ./cmd/ascribe man out/man

rename: ## give the module another path: make rename MODULE=example.org/you/ascribe
	@sh .ci/rename '$(MODULE)'

clean: ## remove what was built here
	rm -rf out

.PHONY: help build test quick lint fmt generate fuzz campaign bench microbench cover golden kills live-demo live-day demo screenshot snapshot man rename clean
