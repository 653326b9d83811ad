# One misspelt profile, used by several guests, is repaired everywhere at once.
cp "$GOLDEN/lint/LAB0138-unknown-profile-once.yaml" lab.yaml
"$LABC" lint --diff --unsafe-fixes lab.yaml
"$LABC" lint --fix --unsafe-fixes lab.yaml
echo "exit $?"
