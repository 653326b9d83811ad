/* Times commands as whole processes, interleaved with a floor: spawn ROUNDS FLOOR -- CMD... [-- CMD...]
 * Each round runs the floor, then each command; the ratio of the medians is printed, so that a noisy
 * machine disturbs both alike. Beside it the peak of memory: this process is small, and a child's counts it. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double once(char **cmd, long *peak)
{
	posix_spawn_file_actions_t fa;
	struct timespec a, b;
	struct rusage usage;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
	clock_gettime(CLOCK_MONOTONIC, &a);
	if (posix_spawn(&pid, cmd[0], &fa, NULL, cmd, environ) != 0) {
		perror(cmd[0]);
		exit(1);
	}
	wait4(pid, &status, 0, &usage);
	clock_gettime(CLOCK_MONOTONIC, &b);
	if (usage.ru_maxrss > *peak)
		*peak = usage.ru_maxrss;
	posix_spawn_file_actions_destroy(&fa);
	return (double)(b.tv_sec - a.tv_sec) * 1e6 + (double)(b.tv_nsec - a.tv_nsec) / 1e3;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), by_value);
	return v[n / 2];
}

int main(int argc, char **argv)
{
	enum { MAX_CMDS = 8, MAX_ROUNDS = 1000 };
	static double t[MAX_CMDS][MAX_ROUNDS];
	static long peak[MAX_CMDS];
	char **cmds[MAX_CMDS];
	int n = 0, rounds = argc > 1 ? atoi(argv[1]) : 0;
	double floor_time;

	if (rounds < 1 || rounds > MAX_ROUNDS)
		return 2;
	cmds[n++] = &argv[2];
	for (int i = 2; i < argc; i++)
		if (strcmp(argv[i], "--") == 0) {
			argv[i] = NULL;
			if (n < MAX_CMDS && i + 1 < argc)
				cmds[n++] = &argv[i + 1];
		}
	for (int r = 0; r < rounds; r++)
		for (int c = 0; c < n; c++)
			t[c][r] = once(cmds[c], &peak[c]);
	floor_time = median(t[0], rounds);
	for (int c = 0; c < n; c++)
		printf("%8.0f us  x%5.2f  %6.1f MB  %s %s\n", median(t[c], rounds), median(t[c], rounds) / floor_time,
		       (double)peak[c] / 1024, cmds[c][0], cmds[c][1] ? cmds[c][1] : "");
	return 0;
}
