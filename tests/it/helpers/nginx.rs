//! nginx in front of servers, set up as `docs/operations.md` says.

use std::{fs, net::SocketAddr, path::Path, process::Stdio};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::timeout,
};

use super::{PATIENCE, Site};

/// Killed when the value goes.
#[derive(Debug)]
pub struct Nginx {
    pub site: Site,
    _child: Child,
    _folder: TempDir,
}

/// The path of nginx; `None` when it is not installed.
#[expect(clippy::print_stdout, reason = "a test that passes without checking should say so")]
pub fn nginx_program() -> Option<&'static Path> {
    let paths = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"].map(Path::new);
    let found = paths.into_iter().find(|path| path.exists());
    if found.is_none() {
        println!("skipped: nginx is not installed (`make test` installs it)");
    }
    found
}

/// The example of the documentation, with these addresses in the place of its own.
fn example(listen: SocketAddr, servers: [SocketAddr; 2]) -> String {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```nginx\n").unwrap();
    let mut example = rest.split_once("```").unwrap().0.to_owned();
    for (documented, here) in [
        ("listen 443 ssl;", format!("listen {listen};")),
        ("/var/log/nginx/vikrahub.log", "requests.log".to_owned()),
        ("server 10.0.0.11:8000 ", format!("server {} ", servers[0])),
        ("server 10.0.0.12:8000 ", format!("server {} ", servers[1])),
    ] {
        assert!(example.contains(documented), "the example lacks `{documented}`");
        example = example.replace(documented, &here);
    }
    example
}

impl Nginx {
    /// On a free port of the loopback interface.
    pub async fn start(program: &Path, servers: [SocketAddr; 2]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listen = super::free_address();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {name};\n"))
            .concat();
        let configuration = format!(
            "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log stderr warn;\n\
             events {{ worker_connections 4096; }}\n\
             http {{\n{temporary}access_log off;\n{}\n}}\n",
            example(listen, servers)
        );
        fs::write(folder.path().join("nginx.conf"), configuration).unwrap();
        let mut child = Command::new(program)
            .arg("-p")
            .arg(folder.path())
            .args(["-c", "nginx.conf", "-e", "stderr"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let complaints = tokio::spawn(async move {
            let mut complaints = vec![];
            while let Ok(Some(line)) = lines.next_line().await {
                complaints.push(line);
            }
            complaints
        });
        let listening = async {
            while TcpStream::connect(listen).await.is_err() {
                if let Ok(Some(status)) = child.try_wait() {
                    return Err(status);
                }
                tokio::task::yield_now().await;
            }
            Ok(())
        };
        if let Err(status) = timeout(PATIENCE, listening).await.unwrap() {
            panic!("nginx: {status}: {:?}", complaints.await);
        }
        Self { site: Site::new(listen), _child: child, _folder: folder }
    }
}
