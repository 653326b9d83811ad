# What README.md says of many guests: once for those that have the same steps, and a line of a table for each.
cp "$GOLDEN/../specs/many-guests.yaml" lab.yaml
"$LABC" build -q lab.yaml -o out 2>err
sed -n '/^What the class adds/,/^### 2/p;/^### 4/,/^### 6/p;/^The machine has/,/^## Changing/p' out/README.md

# A guest more is a row in the table of guests, and one for its mapping (web) or for the addresses to enter (fw, kali):
# 24 guests more are 48 lines more. STUDENTS.md has no addresses to enter, but a row for the test of web: 40.
for n in 5 9; do
	sed "s/count: [0-9]*/count: $n/" lab.yaml >lab-$n.yaml
	"$LABC" build -q lab-$n.yaml -o out-$n 2>err || cat err
	for f in README STUDENTS; do wc -l <out-$n/$f.md >$f-$n; done
done
for f in README STUDENTS; do
	echo "$f.md of 24 guests more: $(($(cat $f-9) - $(cat $f-5))) lines more"
done

# more connections than six stand in a table, and how each kind is made stands below it once
"$LABC" build -q "$GOLDEN/../specs/many-connections.yaml" -o conns 2>err
sed -n '/^## The connections/,/^### Finding/p' conns/STUDENTS.md
