#!/bin/sh
# How the archives of this folder were made, and what is listed of them: by GNU tar 1.35, bsdtar
# 3.7.4, gzip, bzip2, xz, zstd, as root, and by Python's tarfile, which the original used. Only run
# again to add some; the tests need none of these tools.
set -e
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

long=$(printf 'n%.0s' $(seq 120))
mkdir -p tree/etc tree/srv/"$long"/"$long"
echo 127.0.0.1 >tree/etc/hosts
ln tree/etc/hosts tree/etc/hosts.again
ln -s hosts tree/etc/link
ln -s "$long/$long/$long" tree/etc/farlink
mkfifo tree/etc/fifo
mknod tree/etc/null c 1 3
mknod tree/etc/loop b 7 0
echo far >tree/srv/"$long"/"$long"/"$long"
echo x >"tree/srv/caf$(printf '\303\251') $(printf '\360\237\220\263')"
chmod 4755 tree/etc/hosts
chown 1000:100 tree/etc/hosts
touch -h -d @1400000000.25 tree/etc/hosts tree/etc/link
touch -d @1400000001.123456789 tree/srv/caf*
truncate -s 3000000 sparse
for at in 0 500000 1000000 1500000 2000000 2500000; do
  printf data | dd of=sparse bs=1 seek=$at conv=notrunc status=none
done
find tree -exec touch -h -d @1400000000.5 {} + 
touch -h -d @1400000000.25 tree/etc/link tree/etc/hosts
touch -h -d @-5 tree/etc/fifo
touch -d @1400000000 sparse
# Without what v7 and ustar cannot tell.
mkdir small && cp -a tree/etc small/ && rm small/etc/farlink
touch -d @1400000002 small/etc small
for format in v7 ustar; do
  tar -b1 --sort=name --format=$format -C small -cf gnu-$format.tar . 2>/dev/null || true
  bsdtar -b 1 --format=$format -C small -cf bsd-$format.tar etc 2>/dev/null || true
done
for format in oldgnu gnu posix; do
  tar -b1 --sort=name --format=$format -C tree -cf gnu-$format.tar .
done
tar -b1 --sort=name --format=gnu -C tree -cf gnu-noprefix.tar etc srv
for format in pax gnutar; do
  bsdtar -b 1 --format=$format -C tree -cf bsd-$format.tar etc srv
done
tar -b1 --format=gnu --sparse -cf gnu-sparse-old.tar sparse
for version in 0.0 0.1 1.0; do
  tar -b1 --format=posix --sparse --sparse-version=$version -cf gnu-sparse-$version.tar sparse
done
bsdtar -b 1 --format=pax -cf bsd-sparse.tar sparse
tar -b1 --format=gnu --owner=big:3000000 --group=big:4000000 --mtime=@-86400 -C small \
  -cf gnu-binary.tar etc/hosts
tar -b1 --format=posix --owner=big:3000000000 --group=big:4000000000 -C small \
  -cf gnu-pax-ids.tar etc/hosts
tar -b1 --format=posix --pax-option='globexthdr.name=global,mtime=1300000000.5' -C small \
  --sort=name -cf gnu-global.tar etc
tar -b1 --format=gnu -g snapshot -C small -cf gnu-incremental.tar etc
mkdir attributes && echo a >attributes/file && touch -d @1400000000 attributes/file attributes
python3 -c 'import os; os.setxattr("attributes/file", "user.note", b"v\n=\xff" * 500)'
tar -b1 --format=posix --xattrs -cf gnu-xattrs.tar attributes
bsdtar -b 1 --format=pax --xattrs -cf bsd-xattrs.tar attributes
head -c -1024 gnu-ustar.tar >gnu-noend.tar

python3 - <<'P'
import io, tarfile
def add(tar, name, kind=tarfile.REGTYPE, data=b"", **more):
    info = tarfile.TarInfo(name)
    info.type, info.size, info.mtime = kind, len(data), 1400000000
    for key, value in more.items():
        setattr(info, key, value)
    tar.addfile(info, io.BytesIO(data))
with tarfile.open("types.tar", "w", format=tarfile.GNU_FORMAT) as tar:
    add(tar, "contiguous", tarfile.CONTTYPE, b"c" * 600)
    add(tar, "old", tarfile.AREGTYPE, b"o")
    add(tar, "oldfolder/", tarfile.AREGTYPE)
    add(tar, "unknown", b"Q", b"q" * 700)
    add(tar, "hard", tarfile.LNKTYPE, linkname="old")
    add(tar, "mode", mode=0o100644)
    for name, kind in ("sized", tarfile.LNKTYPE), ("sizedfolder", tarfile.DIRTYPE):
        info = tarfile.TarInfo(name)
        info.type, info.size, info.mtime = kind, 700, 1400000000
        tar.addfile(info)
    add(tar, "last")
with tarfile.open("roots.tar", "w", format=tarfile.PAX_FORMAT) as tar:
    add(tar, "./", tarfile.DIRTYPE, mode=0o755)
    add(tar, "./dot")
    add(tar, "/absolute")
    add(tar, "plain")
    add(tar, "./.wh.gone")
    add(tar, "/.wh.absolute-gone")
    add(tar, "./.wh.folder/below")
    add(tar, "./.wh..wh.aufs")
    add(tar, "./.wh..wh.plnk", tarfile.DIRTYPE)
    add(tar, "./.wh..wh.plnk/1.2")
    add(tar, "a//b")
    add(tar, "folder///", tarfile.DIRTYPE)
    add(tar, "c\"o\\n\tt\x7fr\nol")
P
cp gnu-ustar.tar packed.tar
gzip -nk packed.tar; bzip2 -k packed.tar; xz -k packed.tar; lzma -k packed.tar
zstd -q packed.tar; xz -9ek -S .9.xz packed.tar; zstd -q -19 packed.tar -o packed.tar.19.zst
(head -c 3000 packed.tar | gzip -n; tail -c +3001 packed.tar | gzip -n) >packed.tar.multi.gz
(head -c 3000 packed.tar | bzip2; tail -c +3001 packed.tar | bzip2) >packed.tar.multi.bz2
(head -c 3000 packed.tar | xz; tail -c +3001 packed.tar | xz; printf '\0\0\0\0') >packed.tar.multi.xz
(head -c 3000 packed.tar | zstd -q; tail -c +3001 packed.tar | zstd -q) >packed.tar.multi.zst
(printf '\120\052\115\030\004\0\0\0skip'; cat packed.tar.zst; printf '\137\052\115\030\0\0\0\0') \
  >packed.tar.skip.zst
(cat packed.tar.gz; head -c 1000 /dev/zero) >packed.tar.padded.gz
(cat packed.tar.gz; echo this is no part of it) >packed.tar.garbage.gz
(cat packed.tar; echo this is no part of it) >garbage.tar

# Small, and far from it.
head -c 100000000 /dev/zero >zeros
bzip2 -c zeros >bomb-ratio.bz2
xz -c zeros >bomb-ratio.xz
zstd -q -19 -c zeros >bomb-ratio.zst
xz -c --lzma2=preset=1,dict=1GiB packed.tar >bomb-dictionary.xz
xz -c --format=lzma --lzma1=preset=1,dict=1GiB packed.tar >bomb-dictionary.lzma
zstd -q --ultra -22 --long=31 -c <zeros >bomb-window.zst

cat >list.py <<'P'
import json, sys, tarfile
kinds = {b"0": "f", b"\0": "f", b"1": "l", b"2": "s", b"3": "c", b"4": "b", b"5": "d", b"6": "i",
         b"7": "t", b"L": "L", b"K": "K", b"S": "S"}
rows = []
for info in tarfile.open(sys.argv[1], "r:", errorlevel=0, encoding="utf-8"):
    name, deleted = info.name, False
    if name == ".":
        name = "/"
    if name.startswith("./"):
        name = "/" + name[2:]
    if name.startswith("/.wh."):
        name, deleted = "/" + name[5:], True
    if not name.startswith("/.wh."):
        rows.append([name, kinds.get(info.type, "u"), deleted, info.size, info.mtime, info.mode,
                     info.uid, info.gid])
sys.stdout.write(json.dumps(rows))
P
rm -f "$here"/*.gz "$here"/*.json "$here"/packed.* "$here"/bomb-*
for tar in *.tar; do
  python3 list.py "$tar" >"$here/$tar.json"
  gzip -n9c "$tar" >"$here/$tar.gz"
done
# It takes the times that GNU keeps there for the first part of the name.
sed -i 's#\["[^/"]*/etc#["etc#g' "$here/gnu-incremental.tar.json"
rm "$here/packed.tar.gz"
cp packed.tar packed.tar.* bomb-* "$here"
