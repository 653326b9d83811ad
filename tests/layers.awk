# An include may only point to a room on the left of its own; yaml and ctemplate are siblings,
# and only rules (for the index of findings), emit and cli know ctemplate, by its one public header.
BEGIN {
	n = split(rooms, order, " ")
	for (i = 1; i <= n; i++)
		rank[order[i]] = i
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
	split(FILENAME, path, "/")
	here = path[2]
	target = $0
	sub(/^[^"]*"/, "", target)
	sub(/".*$/, "", target)
	if (split(target, part, "/") < 2 || !(part[1] in rank)) {
		printf "%s:%d: include \"%s\" does not name its room\n", FILENAME, FNR, target
		bad++
		next
	}
	there = part[1]
	wrong = rank[there] > rank[here]
	if (there == "yaml" && here == "ctemplate")
		wrong = 1
	if (there == "ctemplate" && (here == "yaml" || here == "schema" || here == "model"))
		wrong = 1
	if (there == "ctemplate" && here != there && target != "ctemplate/ctemplate.h")
		wrong = 1
	if (wrong) {
		printf "%s:%d: %s must not know %s (\"%s\")\n", FILENAME, FNR, here, there, target
		bad++
	}
	seen++
}
END {
	if (bad)
		exit 1
	printf "layers: %d includes, every arrow points left\n", seen
}
