# A spec for another target: what is lost, what changes, what a person must decide.
cp "$GOLDEN/../migrate/lab-services.yaml" "$GOLDEN/../migrate/prices.yaml" .
"$LABC" migrate --to devtest-labs lab-services.yaml -o there.yaml
echo "exit $?"
diff lab-services.yaml there.yaml
printf 'labc: 1\nname: large\ntarget: azure-vm\nhost: { size: Standard_E32s_v5 }\nguests:\n  server: { os: debian-12, image: "C:\\\\debian.vhdx" }\n' >large.yaml
"$LABC" migrate --to lab-services large.yaml
echo "exit $?"
