# Runs a command on a disk of its own, in a namespace of its own: $1 a folder, $2 the disk's size, then the words.
# Small at first; the same again with room; then read-only. Ends with the exit codes, a line each.
folder=$1 size=$2
shift 2
mkdir -p "$folder/disk" && mount -t tmpfs -o "size=$size" none "$folder/disk" || { echo forbidden; exit 0; }
cd "$folder" || exit 1
"$@" > full.out 2> full.err
echo "full $?"
mount -o remount,size=64m none "$folder/disk"
"$@" > room.out 2> room.err
echo "room $?"
cp disk/run/dataset.jsonl dataset.jsonl
mount -o remount,ro none "$folder/disk"
"$@" > read-only.out 2> read-only.err
echo "read-only $?"
