//! The composition root: the only file that knows every room.

use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpListener, ToSocketAddrs},
    path::Path,
    sync::Arc,
    time::Duration,
};

use actix::{Actor, Addr, Arbiter, AsyncContext};
use actix_web::{App, HttpServer, middleware::from_fn, web};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use tracing_actix_web::TracingLogger;

use crate::{
    actors::{
        ChatServer, ChatServerConfig, DbExecutor, Ping, Services, WriteLane, WriteQueue, hand_on,
    },
    auth::{
        ClaimRules, Key, KeyError, Lifetimes, SecretFileError, TokenKeys, keep_fresh,
        keys_from_file, load_or_create_secret,
    },
    cluster::{Bus, BusError, HEARD_MAX, Heard, LocalBus, RedisBus},
    config::{Config, InvalidValue, Secret, ServerConfig},
    domain::OnlineUsers,
    edge::Edge,
    http, lifecycle, session,
    storage::{self, ConnectError, Storage},
    telemetry::{RequestSpan, metrics},
};

/// Connections the kernel may hold before they are accepted.
const BACKLOG: i32 = 4096;

/// An actor that has not answered for so long is stuck: both answer between two of their messages.
const ACTOR_PATIENCE: Duration = Duration::from_mins(1);

/// Connections per worker; the bound that matters is the limit on open files.
const CONNECTIONS_PER_WORKER: usize = 100_000;

/// Why the server does not start, or did not stop well.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("{}: {}", .0.key, .0.reason)]
    Config(InvalidValue),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("cannot change the schema: {0}")]
    Migrate(#[source] storage::MigrateError),
    #[error(transparent)]
    SecretFile(#[from] SecretFileError),
    #[error("auth: {0}")]
    PublicKeys(#[source] KeyError),
    #[error("auth.secrets: set JWT_SECRET: only a server with an SQLite file makes its own secret")]
    NoSecret,
    #[error("cannot listen on {address}: {source}")]
    Listen { address: String, source: io::Error },
    #[error("the server failed: {0}")]
    Server(#[from] io::Error),
    #[error(transparent)]
    Bus(#[from] BusError),
    #[error("an actor did not start")]
    Actor,
    #[error("an actor does not answer")]
    ActorDied,
}

/// What is heard from other servers, on its way to the chat server.
type HeardQueue = mpsc::Receiver<Heard>;

/// Whether missing schema changes are applied at start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migrations {
    Apply,
    Leave,
}

/// Opens the address of the configuration.
///
/// Sockets accepted from it drop a peer that leaves data unacknowledged for too long: the only thing
/// that ends the session of a client that has stopped reading.
pub fn listen(config: &ServerConfig) -> Result<TcpListener, AppError> {
    let failed =
        |source| AppError::Listen { address: format!("{}:{}", config.host, config.port), source };
    let mut addresses = (config.host.as_str(), config.port).to_socket_addrs().map_err(failed)?;
    let address = addresses.next().ok_or_else(|| failed(io::Error::other("no such host")))?;
    open(address, Duration::from_secs(config.stall_seconds)).map_err(failed)
}

fn open(address: SocketAddr, stall: Duration) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(stall))?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Serves on `listener` until `stop` resolves, then drains. Runs inside an actix system.
pub async fn serve(
    config: Config,
    migrations: Migrations,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> Result<(), AppError> {
    if migrations == Migrations::Apply {
        storage::migrate_up(&config.database).await.map_err(AppError::Migrate)?;
    }
    let storage = storage::connect(&config.database).await?;
    storage.notify_of_messages(config.notifications.messages);
    let keys = keys(&config)?;
    if !config.auth.jwks_url.is_empty() {
        let every = Duration::from_secs(config.auth.jwks_refresh_seconds);
        actix::spawn(keep_fresh(keys.clone(), config.auth.jwks_url.clone(), every));
    }
    let shutdown = Duration::from_secs(config.server.shutdown_seconds);
    let workers = config.server.workers;
    let online = OnlineUsers::default();
    let (bus, heard) = bus(&config)?;
    let queue = Arc::new(WriteQueue::new(config.database.shed_after()));
    let (chat_server, db_executor) = start_actors(&config, &storage, &online, &bus, &queue).await?;
    if let Some(heard) = heard {
        actix::spawn(hand_on(heard, chat_server.clone()));
    }
    let edge = Edge::new(&config, &bus).map_err(AppError::Config)?;
    let services = Services::new(config, storage, keys, online, edge, bus, (chat_server, queue));

    tracing::info!(address = %listener.local_addr()?, version = env!("CARGO_PKG_VERSION"), "listening");
    let server = http_server(services.clone(), listener, workers)?;
    let handle = server.handle();
    let serving = actix::spawn(server);
    tokio::pin!(stop);
    let mut serving = serving;
    tokio::select! {
        () = &mut stop => {}
        () = actors_died(&services, &db_executor) => return Err(AppError::ActorDied),
        ended = &mut serving => return ended.map_err(io::Error::other)?.map_err(AppError::from),
    }
    lifecycle::drain(&services, &db_executor, &handle, shutdown).await;
    tracing::info!("stopped");
    Ok(())
}

/// The way to the other servers of the database, and what comes over it.
fn bus(config: &Config) -> Result<(Arc<dyn Bus>, Option<HeardQueue>), BusError> {
    if !config.redis.is_used() {
        return Ok((Arc::new(LocalBus::alone()), None));
    }
    let (say, heard) = mpsc::channel(HEARD_MAX);
    Ok((Arc::new(RedisBus::start(&config.redis, say)?), Some(heard)))
}

/// Resolves when one of the two actors is gone or stuck: without it the process only looks alive, and whoever
/// watches it should start it again.
async fn actors_died(services: &Services, db_executor: &Addr<DbExecutor>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(2));
    loop {
        ticks.tick().await;
        metrics().tidy();
        let answers = async {
            services.chat_server().send(Ping).await?;
            db_executor.send(Ping).await
        };
        if !matches!(timeout(ACTOR_PATIENCE, answers).await, Ok(Ok(()))) {
            return;
        }
    }
}

/// Each of the two actors has a thread of its own, so that neither waits for a busy worker.
async fn start_actors(
    config: &Config,
    storage: &Storage,
    online: &OnlineUsers,
    bus: &Arc<dyn Bus>,
    queue: &Arc<WriteQueue>,
) -> Result<(Addr<ChatServer>, Addr<DbExecutor>), AppError> {
    let (introduce, introduced) = oneshot::channel();
    let (storage, online, bus) = (storage.clone(), online.clone(), bus.clone());
    let (queue, lane) = (queue.clone(), WriteLane::new(config, queue.clone()));
    let chat_config = ChatServerConfig::from(config);
    let db_thread = Arbiter::new().handle();
    let chat_server = ChatServer::start_in_arbiter(&Arbiter::new().handle(), move |ctx| {
        let (committed, executor_storage) = (ctx.address().recipient(), storage.clone());
        let deliveries = bus.reaches_others().then(|| ctx.address().recipient());
        let db_executor = DbExecutor::start_in_arbiter(&db_thread, move |_ctx| {
            DbExecutor::new(executor_storage, lane, committed, deliveries)
        });
        drop(introduce.send(db_executor.clone()));
        ChatServer::new(chat_config, db_executor, storage, online, bus, queue)
    });
    let db_executor = introduced.await.map_err(|_died| AppError::Actor)?;
    Ok((chat_server, db_executor))
}

fn http_server(
    services: Services,
    listener: TcpListener,
    workers: usize,
) -> io::Result<actix_web::dev::Server> {
    let routes = http::configure(&services);
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(services.clone()))
            .wrap(from_fn(http::shed_reads))
            .wrap(http::cors(&services))
            .wrap(from_fn(http::common_headers))
            .wrap(TracingLogger::<RequestSpan>::new())
            .route("/ws/chat/", web::get().to(session::chat))
            .route("/ws/messaging/", web::get().to(session::messaging))
            .route("/ws/notifications/", web::get().to(session::notifications))
            // What the old pages make of their REACT_APP_WS_URL (contract §3.4).
            .route("/ws/messaging/messaging/", web::get().to(session::messaging))
            .configure(routes.clone())
    })
    .disable_signals()
    .tcp_nodelay(true)
    // Anything else closes connections before their Close frame is out.
    .client_disconnect_timeout(Duration::ZERO)
    .keep_alive(Duration::from_secs(75))
    .max_connections(CONNECTIONS_PER_WORKER)
    .shutdown_timeout(2);
    if workers > 0 {
        server = server.workers(workers);
    }
    Ok(server.listen(listener)?.run())
}

/// The secrets of the configuration, or the one kept beside the `SQLite` file; and the public keys.
pub fn keys(config: &Config) -> Result<TokenKeys, AppError> {
    let auth = &config.auth;
    let secrets = match config.database.url.sqlite_file() {
        _ if !auth.secrets.is_empty() => auth.secrets.clone(),
        Some(file) => vec![kept_secret(&file)?],
        None if auth.has_public_keys() => vec![],
        None => return Err(AppError::NoSecret),
    };
    let mut public_keys = vec![];
    for file in &auth.public_key_files {
        public_keys.push(Key::from_pem_file(file).map_err(AppError::PublicKeys)?);
    }
    for file in &auth.jwks_files {
        public_keys.extend(keys_from_file(file).map_err(AppError::PublicKeys)?);
    }
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let rules = ClaimRules {
        user: auth.user_claim.clone(),
        token_type: auth.type_claim.clone(),
        id: auth.id_claim.clone(),
        issuer: given(&auth.issuer),
        audience: given(&auth.audience),
    };
    let lifetimes = Lifetimes {
        access: Duration::from_secs(auth.access_seconds),
        refresh: Duration::from_secs(auth.refresh_seconds),
    };
    Ok(TokenKeys::new(&secrets, public_keys, rules, lifetimes))
}

fn kept_secret(database: &Path) -> Result<Secret, AppError> {
    Ok(load_or_create_secret(&database.with_extension("secret"))?)
}
