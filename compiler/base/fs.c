#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"

static int read_fd(struct arena *a, int fd, size_t expect, size_t limit, struct sv *out)
{
	size_t cap = expect + 1, n = 0;
	char *p = arena_alloc_raw(a, cap + 1, 1, 1);

	for (;;) {
		ssize_t r;

		if (n == cap) {
			p = arena_grow(a, p, cap + 1, cap * 2 + 1, 1, 1);
			cap *= 2;
		}
		r = read(fd, p + n, cap - n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return errno;
		if (r == 0)
			break;
		n += (size_t)r;
		if (n > limit)
			return FS_TOO_LARGE;
	}
	p[n] = '\0';
	*out = (struct sv){ p, n };
	return 0;
}

int fs_read(struct arena *a, const char *path, size_t limit, struct sv *out)
{
	struct stat st;
	int fd, err;

	if (strcmp(path, "-") == 0)
		return read_fd(a, STDIN_FILENO, 16 * 1024, limit, out);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (fstat(fd, &st) != 0)
		err = errno;
	else if (S_ISDIR(st.st_mode))
		err = FS_IS_DIR;
	else if (S_ISREG(st.st_mode) && (uintmax_t)st.st_size > limit)
		err = FS_TOO_LARGE;
	else
		err = read_fd(a, fd, S_ISREG(st.st_mode) ? (size_t)st.st_size : 16 * 1024, limit, out);
	close(fd);
	return err;
}

bool fs_equals(const char *path, struct sv data)
{
	char piece[64 * 1024];
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool same;

	if (fd < 0)
		return false;
	same = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uintmax_t)st.st_size == data.n;
	for (size_t at = 0; same && at < data.n;) {
		ssize_t n = read(fd, piece, sizeof(piece));

		if (n < 0 && errno == EINTR)
			continue;
		same = n > 0 && (size_t)n <= data.n - at && memcmp(piece, data.p + at, (size_t)n) == 0;
		at += same ? (size_t)n : 0;
	}
	close(fd);
	return same;
}

bool fs_stamp(const char *path, struct fs_stamp *out)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	*out = (struct fs_stamp){ st.st_dev, st.st_ino, st.st_size, st.st_mtim, st.st_ctim };
	return true;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool fs_same_stamp(const struct fs_stamp *a, const struct fs_stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size && same_time(a->written, b->written) &&
	       same_time(a->changed, b->changed);
}

bool fs_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool fs_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

int fs_mkdirs(const char *path)
{
	struct buf b = { 0 };
	int err = 0;

	for (size_t i = 0, n = strlen(path); i <= n && !err; i++) {
		if (i == 0 || (path[i] != '/' && path[i] != '\0')) {
			buf_ch(&b, path[i]);
			continue;
		}
		*buf_room(&b, 1) = '\0';
		if (mkdir(b.p, 0777) != 0 && !fs_is_dir(b.p))
			err = errno == EEXIST ? ENOTDIR : errno;
		buf_ch(&b, '/');
	}
	buf_release(&b);
	return err;
}

static int write_all(int fd, struct sv data)
{
	while (data.n) {
		ssize_t w = write(fd, data.p, data.n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return errno;
		data = sv_sub(data, (size_t)w, data.n);
	}
	return 0;
}

static int replace(const char *path, struct sv data, const struct stat *like)
{
	struct buf tmp = { 0 };
	int fd, err;

	buf_fmt(&tmp, "%s.%ld.tmp", path, (long)getpid());
	*buf_room(&tmp, 1) = '\0';
	fd = open(tmp.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0) {
		err = errno;
		buf_release(&tmp);
		return err;
	}
	/* the owner first: changing it may take bits off the mode */
	if (like && fchown(fd, like->st_uid, like->st_gid) != 0)
		(void)0; /* only the owner of both may; the mode alone is kept then */
	err = like && fchmod(fd, like->st_mode & 07777) != 0 ? errno : 0;
	if (!err)
		err = write_all(fd, data);
	if (close(fd) != 0 && !err)
		err = errno;
	if (!err && rename(tmp.p, path) != 0)
		err = errno;
	if (err)
		unlink(tmp.p);
	buf_release(&tmp);
	return err;
}

int fs_write_new(const char *path, struct sv data)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), err;

	if (fd < 0)
		return errno;
	err = write_all(fd, data);
	if (close(fd) != 0 && !err)
		err = errno;
	if (err)
		unlink(path);
	return err;
}

int fs_write_atomic(const char *path, struct sv data)
{
	return replace(path, data, NULL);
}

int fs_replace_atomic(const char *path, struct sv data)
{
	struct stat st;

	return stat(path, &st) != 0 ? errno : replace(path, data, &st);
}

const char *fs_join(struct arena *a, const char *dir, struct sv name)
{
	size_t n = strlen(dir);

	if (n == 0 || strcmp(dir, ".") == 0)
		return sv_cstr(a, name);
	return sv_join(a, (struct sv[]){ { dir, n }, dir[n - 1] == '/' ? SV("") : SV("/"), name }, 3).p;
}

const char *fs_clean(struct arena *a, const char *path)
{
	struct sv rest = sv_from(path);
	struct buf b = { 0 };
	bool rooted = sv_starts(rest, SV("/"));
	size_t fixed; /* what ".." cannot remove */
	const char *out;

	if (rooted)
		buf_ch(&b, '/');
	fixed = b.n;
	while (rest.n) {
		ptrdiff_t slash = sv_find(rest, '/');
		struct sv part = sv_sub(rest, 0, slash < 0 ? rest.n : (size_t)slash);

		rest = sv_sub(rest, part.n + 1, rest.n);
		if (part.n == 0 || sv_eq(part, SV(".")) || (rooted && b.n == 1 && sv_eq(part, SV(".."))))
			continue;
		if (sv_eq(part, SV("..")) && b.n > fixed) {
			while (b.n > fixed && b.p[b.n - 1] != '/')
				b.n--;
			if (b.n > fixed)
				b.n--;
			continue;
		}
		if (b.n && b.p[b.n - 1] != '/')
			buf_ch(&b, '/');
		buf_sv(&b, part);
		if (sv_eq(part, SV("..")))
			fixed = b.n;
	}
	if (b.n == 0)
		buf_ch(&b, '.');
	out = sv_cstr(a, buf_view(&b));
	buf_release(&b);
	return out;
}

struct sv fs_dirname(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return SV(".");
	return slash == path ? SV("/") : (struct sv){ path, (size_t)(slash - path) };
}

struct sv fs_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return sv_from(slash ? slash + 1 : path);
}
