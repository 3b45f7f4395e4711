// simdjson FILE: the yardstick. Parses every line of an eslogger recording into simdjson's DOM, with one parser whose memory is
// used again, lines of the file found ahead as ascribe finds them, and writes how many lines there were.
// simdjson --sum FILE: also reads the fields that every decoder of the bench sums.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <simdjson.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace simdjson;

int main(int argc, char **argv) {
	bool sum = argc > 2 && !strcmp(argv[1], "--sum");
	int fd = open(argv[argc - 1], O_RDONLY);
	if (argc < 2 || fd < 0) {
		perror("open");
		return 1;
	}
	const size_t block = 1 << 20;
	std::vector<char> buf(block + SIMDJSON_PADDING);
	size_t have = 0;
	uint64_t lines = 0, pids = 0, versions = 0, numbers = 0, paths = 0;
	dom::parser parser;
	for (;;) {
		if (buf.size() - SIMDJSON_PADDING - have < block / 2)
			buf.resize(buf.size() * 2);
		ssize_t n = read(fd, buf.data() + have, buf.size() - SIMDJSON_PADDING - have);
		if (n < 0) {
			perror("read");
			return 1;
		}
		if (n == 0)
			break;
		have += n;
		size_t from = 0;
		while (char *end = (char *)memchr(buf.data() + from, '\n', have - from)) {
			size_t to = end - buf.data();
			dom::element doc;
			// false: the buffer is padded, nothing is copied.
			auto error = parser.parse((const uint8_t *)buf.data() + from, to - from, false).get(doc);
			if (error) {
				fprintf(stderr, "line %llu: %s\n", (unsigned long long)lines + 1, error_message(error));
				return 1;
			}
			lines++;
			if (sum) {
				dom::element process = doc["process"];
				pids += uint64_t(int64_t(process["audit_token"]["pid"]));
				versions += uint64_t(process["audit_token"]["pidversion"]);
				numbers += uint64_t(doc["global_seq_num"]);
				paths += std::string_view(process["executable"]["path"]).size();
			}
			from = to + 1;
		}
		memmove(buf.data(), buf.data() + from, have - from);
		have -= from;
	}
	printf("lines %llu", (unsigned long long)lines);
	if (sum)
		printf(" pids %llu pidversions %llu numbers %llu paths %llu", (unsigned long long)pids, (unsigned long long)versions,
			(unsigned long long)numbers, (unsigned long long)paths);
	printf("\n");
	fprintf(stderr, "simdjson %s, %s\n", SIMDJSON_STRINGIFY(SIMDJSON_VERSION), get_active_implementation()->name().c_str());
}
