cat <<TEXT
The host is up. Its web server: http://127.0.0.1:$PORT/
In a second terminal, in this folder, try:
    ./dist/rind.js list
    ./dist/rind.js set login@user username=alice tty=tty1
    ./dist/rind.js emit backup@wanted
    ./dist/rind.js set web@maintenance "new disk"
    ./dist/rind.js why web@server
    ./dist/rind.js down
TEXT
