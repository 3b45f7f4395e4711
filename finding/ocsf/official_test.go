package ocsf_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/santhosh-tekuri/jsonschema/v6"
	// The schemas as OCSF's server gave them out, class by class.
	_ "github.com/valllabh/ocsf-schema-golang/ocsfvalidate/1.2"
)

// officialSchema is what OCSF publishes: a JSON Schema for each class, and the metaschema with profiles and constraints.
type officialSchema struct {
	classes map[string]*jsonschema.Schema
	meta    struct {
		Classes map[string]struct {
			Attributes map[string]attribute
		}
		Objects map[string]struct {
			Attributes  map[string]attribute
			Constraints struct {
				AtLeastOne []string `json:"at_least_one"`
				JustOne    []string `json:"just_one"`
			}
		}
	}
}

type attribute struct {
	Profile     string
	Requirement string
	ObjectType  string `json:"object_type"`
	IsArray     bool   `json:"is_array"`
}

var classNames = map[int]string{0: "base_event", 1001: "file_activity", 1007: "process_activity"}

var load = sync.OnceValues(func() (*officialSchema, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/valllabh/ocsf-schema-golang").Output()
	if err != nil {
		return nil, err
	}
	dir := strings.TrimSpace(string(out))
	o := &officialSchema{classes: map[string]*jsonschema.Schema{}}
	meta, err := os.ReadFile(filepath.Join(dir, "schema/v1.2-schema.json"))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(meta, &o.meta); err != nil {
		return nil, err
	}
	for _, name := range classNames {
		f, err := os.Open(filepath.Join(dir, "ocsfvalidate/1.2/jsonschema/classes_"+name+".json.zst"))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		z, err := zstd.NewReader(f)
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(z)
		if err != nil {
			return nil, err
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		if err := o.sharpen(name, doc.(map[string]any)); err != nil {
			return nil, err
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource(name, doc); err != nil {
			return nil, err
		}
		if o.classes[name], err = c.Compile(name); err != nil {
			return nil, err
		}
	}
	return o, nil
})

// sharpen refuses what the published JSON Schema lets through, unknown attributes, and does not ask for what it asks for by
// mistake: attributes of profiles (cloud, security control) are required only of an event that says it has the profile.
func (o *officialSchema) sharpen(class string, doc map[string]any) error {
	required := doc["required"].([]any)
	doc["required"] = slices.DeleteFunc(required, func(k any) bool { return o.meta.Classes[class].Attributes[k.(string)].Profile != "" })
	if len(doc["required"].([]any)) < 7 {
		return fmt.Errorf("%s requires too little: %v", class, doc["required"])
	}
	doc["additionalProperties"] = false
	for name, def := range doc["$defs"].(map[string]any) {
		d := def.(map[string]any)
		if _, any := d["properties"]; any && name != "object" {
			d["additionalProperties"] = false
		}
	}
	return nil
}

func official(t *testing.T) *officialSchema {
	t.Helper()
	o, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// check validates one event, and returns its class.
func (o *officialSchema) check(event []byte) (string, error) {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(event))
	if err != nil {
		return "", err
	}
	var head struct {
		ClassUID    int  `json:"class_uid"`
		ActivityID  int  `json:"activity_id"`
		TypeUID     int  `json:"type_uid"`
		CategoryUID *int `json:"category_uid"`
	}
	if err := json.Unmarshal(event, &head); err != nil {
		return "", err
	}
	name, ok := classNames[head.ClassUID]
	if !ok {
		return "", fmt.Errorf("class %d", head.ClassUID)
	}
	if err := o.classes[name].Validate(v); err != nil {
		return name, err
	}
	if head.TypeUID != head.ClassUID*100+head.ActivityID {
		return name, fmt.Errorf("type %d of class %d, activity %d", head.TypeUID, head.ClassUID, head.ActivityID)
	}
	return name, o.constraints(o.meta.Classes[name].Attributes, v)
}

// constraints holds the objects within v to "at least one of", "just one of".
func (o *officialSchema) constraints(attributes map[string]attribute, v any) error {
	m, ok := v.(map[string]any)
	if !ok {
		return errors.New("not an object")
	}
	for k, value := range m {
		typ := attributes[k].ObjectType
		object, ok := o.meta.Objects[typ]
		if !ok || typ == "object" {
			continue
		}
		list := []any{value}
		if attributes[k].IsArray {
			list, _ = value.([]any)
		}
		for _, x := range list {
			has := func(name string) bool { _, ok := x.(map[string]any)[name]; return ok }
			if c := object.Constraints.AtLeastOne; len(c) > 0 && !slices.ContainsFunc(c, has) {
				return fmt.Errorf("%s has none of %v", k, c)
			}
			if err := o.constraints(object.Attributes, x); err != nil {
				return err
			}
		}
	}
	return nil
}

// The check must be able to fail.
func TestTheCheckBites(t *testing.T) {
	o := official(t)
	good := appended(founding())
	if _, err := o.check([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{`"activity_id":1`, `"activity_id":77`},
		{`"type_uid":100101`, `"type_uid":100102`},
		{`"severity_id":1,`, ``},
		{`"file":{`, `"file":{"inode":1,`},
		{`"class_uid":1001`, `"class_uid":1002`},
		{`"os":{"name":"macOS",`, `"os":{`},
		{`"user":{"type_id":1,"name":"alice","uid":"501"}`, `"user":{"type_id":1}`},
		{`"time":1000000000000`, `"time":"now"`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Fatalf("%s is not in %s", change[0], good)
		}
		if _, err := o.check([]byte(bad)); err == nil {
			t.Errorf("%s for %s was not noticed", change[1], change[0])
		}
	}
}
