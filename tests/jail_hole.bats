# SPDX-License-Identifier: Apache-2.0
# ab-jail --socket and --listen: the one hole, and that nothing else comes with it.

load lib

setup() {
	needs python3
	# Short: a socket's name has 107 bytes at most.
	dir=$(mktemp -d /tmp/ab-hole.XXXXXX)
	cd "$dir"
	chmod 755 .
	cat >server.py <<-'P'
		# server.py SOCKET: answers each connection with what it got, upside down, until its input ends.
		import os, socket, sys, threading
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[1])
		os.chmod(sys.argv[1], 0o666)
		s.listen(64)
		print("ready", flush=True)
		def one(c):
		    data = b""
		    while True:
		        part = c.recv(65536)
		        if not part:
		            break
		        data += part
		    c.sendall(data[::-1])
		    c.close()
		while True:
		    threading.Thread(target=one, args=(s.accept()[0],), daemon=True).start()
	P
	cat >httpd.py <<-'P'
		# httpd.py SOCKET: an HTTP server on a Unix socket.
		import http.server, os, socketserver, sys
		class H(http.server.BaseHTTPRequestHandler):
		    protocol_version = "HTTP/1.1"
		    def do_POST(self):
		        body = self.rfile.read(int(self.headers["Content-Length"]))
		        self.send_response(200)
		        self.send_header("Content-Length", str(len(body)))
		        self.end_headers()
		        self.wfile.write(body.upper())
		    def address_string(self):
		        return "unix"
		    def log_message(self, *a):
		        pass
		class S(socketserver.ThreadingUnixStreamServer):
		    daemon_threads = True
		s = S(sys.argv[1], H)
		os.chmod(sys.argv[1], 0o666)
		print("ready", flush=True)
		s.serve_forever()
	P
}

teardown() {
	[ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
	cd /
	rm -rf "$dir"
}

# serve PROGRAM: starts it on ./sock and waits until it listens.
serve() {
	exec 8< <(exec python3 "$1" ./sock 3>&-)
	server=$!
	read -r line <&8
	equals "$line" ready
}

# none_left: no process has this test's directory in its command line; others may have a hole of their own.
none_left() { run -1 pgrep -fa "^[^ ]*ab-jail.*$dir/sock"; }

ask='import socket, sys
s = socket.socket(socket.AF_UNIX) if sys.argv[1][0] == "/" else socket.socket()
s.connect(sys.argv[1] if sys.argv[1][0] == "/" else ("127.0.0.1", int(sys.argv[1])))
n = int(sys.argv[2])
import threading
t = threading.Thread(target=lambda: (s.sendall(b"ab" * n), s.shutdown(socket.SHUT_WR)))
t.start()
got = b""
while True:
    part = s.recv(65536)
    if not part: break
    got += part
print(got == b"ba" * n, len(got))'

@test "--socket: the agent reaches it, and not a socket besides" {
	serve server.py
	for as in "" as_user; do
		run -0 --separate-stderr $as ab-jail --socket "$dir/sock:/run/model.sock" -- python3 -c "$ask" /run/model.sock 5
		equals "$output" "True 10"
		run -0 --separate-stderr $as ab-jail --socket ./sock:/run/model.sock -- python3 -c "$ask" /run/model.sock 2000000
		equals "$output" "True 4000000"
	done
	run -0 --separate-stderr ab-jail --socket "$dir/sock:/run/model.sock" -- python3 -c 'import errno, socket
def no(f, *a):
    try:
        f(*a)
        print("open", a)
    except OSError as e:
        if e.errno != errno.EPERM: print(e)
for kind in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_RAW):
    no(socket.socket, socket.AF_UNIX, kind)
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_VSOCK, socket.AF_ALG):
    no(socket.socket, family, socket.SOCK_STREAM)
    no(socket.socket, family, socket.SOCK_DGRAM)
s = socket.socket(socket.AF_UNIX)
no(s.bind, "/tmp/mine")
no(s.listen)
no(s.setsockopt, socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
try:
    s.connect("\0abstract")
except OSError as e:
    print(errno.errorcode[e.errno] in ("ECONNREFUSED", "EPERM"))'
	equals "$output" True
}

@test "--listen: an unmodified HTTP client, many at a time, large bodies" {
	serve httpd.py
	cat >client.py <<-'P'
		#!/usr/bin/python3
		import concurrent.futures, http.client
		def one(n):
		    c = http.client.HTTPConnection("127.0.0.1", 8080)
		    for _ in range(3):
		        c.request("POST", "/v1/messages", b"a" * n)
		        r = c.getresponse()
		        body = r.read()
		        assert r.status == 200 and body == b"A" * n, (r.status, len(body), n)
		    return n
		with concurrent.futures.ThreadPoolExecutor(20) as p:
		    print(sum(p.map(one, [1, 1000, 300000] * 20)))
	P
	chmod 755 client.py
	for as in "" as_user; do
		run -0 --separate-stderr $as ab-jail --listen "8080:$dir/sock" -- ./client.py
		equals "$output" 6020020
	done
	none_left
}

@test "--listen: half-closed connections, and one that the server ends" {
	serve server.py
	run -0 --separate-stderr ab-jail --listen 80:./sock -- python3 -c "$ask" 80 1000000
	equals "$output" "True 2000000"
	kill "$server"
	wait "$server" 2>/dev/null || true
	run -0 --separate-stderr ab-jail --listen 80:./sock -- python3 -c 'import socket
s = socket.create_connection(("127.0.0.1", 80))
try:
    print(s.recv(1))
except ConnectionResetError:
    print(b"")'
	equals "$output" "b''"
}

@test "--listen: nothing else of a network" {
	serve server.py
	run -0 --separate-stderr ab-jail --listen 8080:./sock -- python3 -c 'import errno, socket
def no(f, *a):
    try:
        f(*a)
        print("open", f, a)
    except OSError as e:
        if e.errno not in (errno.EPERM, errno.EACCES): print(f, a, e)
for family in (socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET):
    no(socket.socket, family, socket.SOCK_STREAM)
for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
    no(socket.socket, socket.AF_INET, kind)
no(socket.socket, socket.AF_INET, socket.SOCK_STREAM, 132)  # SCTP
no(socket.socket, socket.AF_INET, socket.SOCK_STREAM, 262)  # MPTCP
s = socket.socket()
no(s.bind, ("127.0.0.1", 0))
no(s.listen)
no(s.setsockopt, socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
for at in (("127.0.0.1", 8081), ("127.0.0.2", 8080), ("10.0.0.1", 8080), ("1.1.1.1", 443)):
    s = socket.socket()
    try:
        s.connect(at)
        print("open", at)
    except OSError as e:
        if e.errno not in (errno.EPERM, errno.EACCES, errno.ENETUNREACH, errno.ECONNREFUSED): print(at, e)
print("closed")'
	equals "$output" closed
}

@test "--listen: the port is the jail's, and nothing of the host's" {
	serve server.py
	mkdir -m 777 shown
	# The host has the port as well, and nobody listens there: in one network the two would be in each other's way.
	run -0 --separate-stderr python3 - "$dir" <<-'P'
		import errno, os, socket, subprocess, sys, time
		s = socket.socket()
		s.bind(("127.0.0.1", 0))
		port = s.getsockname()[1]
		agent = """import socket, sys
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		open("/shown/up", "w")
		sys.stdin.read()
		s.sendall(b"ab")
		s.shutdown(socket.SHUT_WR)
		print(s.recv(2))"""
		p = subprocess.Popen(["ab-jail", "--listen", "%d:%s/sock" % (port, sys.argv[1]), "--rw", sys.argv[1] + "/shown:/shown", "--",
		                      "python3", "-c", agent, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
		p.stdin.write(b"x")
		p.stdin.flush()
		while not os.path.exists("shown/up") and p.poll() is None:
		    time.sleep(0.01)
		print(p.poll())
		print(errno.errorcode[socket.socket().connect_ex(("127.0.0.1", port))])
		print(p.communicate()[0].decode(), end="")
	P
	equals "$output" $'None\nECONNREFUSED\nb\'ba\''
}

@test "the hole's receipt, and that it is one" {
	serve server.py
	ab-audit keygen --name test --key ./key >/dev/null
	ab-audit init --log ./log --key ./key >/dev/null
	export AB_AUDIT_KEY_FILE=$PWD/key
	eval "$(ab-audit begin --log ./log --type test)"
	for hole in "--socket $dir/sock:/s" "--listen 8080:$dir/sock"; do
		# shellcheck disable=SC2086
		run -0 ab-jail $hole -- true
		run -0 jq -c '.facts | .isolation_verified, .isolation.mechanisms.hole' < <(tail -n 1 "$AB_RECEIPTS")
		contains "$output" $'true\n{'
		contains "$output" "$dir/sock"
	done
	rm -rf "${AB_RECEIPTS%/*}"
	unset AB_RECEIPTS AB_RUN
	run -125 --separate-stderr ab-jail --socket ./sock:/s --listen 80:./sock -- true
	contains "$stderr" "ab-jail: --socket and --listen: there is one hole at most"
}

@test "a hole that cannot be made ends before the agent starts" {
	touch file
	run -125 --separate-stderr ab-jail --listen 80:./sock -- true
	contains "$stderr" "ab-jail: --listen: ./sock: No such file"
	run -125 --separate-stderr ab-jail --listen 80:./file -- true
	contains "$stderr" "ab-jail: --listen: ./file: not a socket"
	run -125 --separate-stderr ab-jail --socket ./file:/s -- true
	contains "$stderr" "ab-jail: --socket: ./file: not a socket"
	for bad in 80 :sock 0:sock 70000:sock x:sock 80: -1:sock 80x:sock; do
		run -125 --separate-stderr ab-jail "--listen=$bad" -- true
		contains "$stderr" "ab-jail: --listen: $bad: expected PORT:SOCKET"
	done
	run -125 --separate-stderr ab-jail --socket ./sock -- true
	contains "$stderr" "ab-jail: --socket: ./sock: expected SOCKET:PATH"
	serve server.py
	needs_root
	chmod 600 sock
	run -125 --separate-stderr ab-jail --socket ./sock:/s -- true
	contains "$stderr" "user 65534"
	run -125 --separate-stderr ab-jail --listen 80:./sock -- true
	contains "$stderr" "user 65534"
}

@test "the gateway goes with ab-jail, however that ends" {
	serve server.py
	run -137 "$AB_TOP/tests/agents/interrupt.py" KILL "hole-$dir" ab-jail --listen "80:$dir/sock" -- "$AB_TOP/tests/agents/hostile.py" sleep "hole-$dir"
	soon none_left
	run -124 ab-jail --time 300ms --listen "80:$dir/sock" -- python3 -c 'import socket, time
s = [socket.create_connection(("127.0.0.1", 80)) for _ in range(100)]
time.sleep(60)'
	none_left
}
