package redact_test

import (
	"fmt"

	"ascribe.example/es/redact"
)

func Example() {
	fmt.Println(redact.Args([]string{"curl", "-u", "alice:hunter2", "https://example.com/?api_key=abc&page=2"}))
	fmt.Println(redact.Env([]string{"HOME=/Users/alice", "GITHUB_TOKEN=abc", "XPC_SERVICE_NAME=com.example.token"}))
	// Output:
	// [curl -u alice:<redacted> https://example.com/?api_key=<redacted>&page=2]
	// [HOME=/Users/alice GITHUB_TOKEN=<redacted> XPC_SERVICE_NAME=com.example.token]
}
