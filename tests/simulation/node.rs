//! One server: the real actors, the real sessions and their endpoint, on a played database and bus.

use std::{pin::Pin, rc::Rc, sync::Arc, time::Duration};

use actix::{Actor, AsyncContext};
use actix_http::{HttpService, Request};
use actix_web::{
    App,
    dev::{Service, ServiceFactory, ServiceResponse, fn_factory},
    test::init_service,
    web,
};
use tokio::io::DuplexStream;
use vikrahub_messaging::{
    actors::{ChatServer, ChatServerConfig, DbExecutor, Services, WriteLane, WriteQueue, hand_on},
    app,
    cluster::{Bus, LocalBus},
    config::{Config, Secret},
    domain::{OnlineUsers, UserId, clock},
    edge::Edge,
    session,
    storage::Storage,
};

use crate::{bus::Hub, plant::Plant, store::Store};

/// Of what a client does not take, so much waits in its connection.
const WIRE: usize = 2_048;

/// So much may wait for a client in its session.
const OUTBOUND: usize = 24_576;

type Serve = Rc<dyn Fn(DuplexStream) -> Pin<Box<dyn Future<Output = ()>>>>;

#[derive(Clone)]
pub struct Node {
    pub services: Services,
    serve: Serve,
}

impl Node {
    pub async fn start(
        seed: u64,
        place: usize,
        store: &Arc<Store>,
        hub: Option<&Arc<Hub>>,
        plant: Option<Plant>,
    ) -> Self {
        let config = config(plant);
        let (writer, readers) = store.lanes(seed, place);
        let storage = Storage::played_by(writer, readers, config.database.read_connections);
        let (bus, heard): (Arc<dyn Bus>, _) = match hub.map(Hub::join) {
            Some((bus, heard)) => (Arc::new(bus), Some(heard)),
            None => (Arc::new(LocalBus::alone()), None),
        };
        let online = OnlineUsers::default();
        let queue = Arc::new(WriteQueue::new(config.database.shed_after()));
        let chat_server = ChatServer::create(|ctx| {
            let deliveries = heard.is_some().then(|| ctx.address().recipient());
            let lane = WriteLane::new(&config, queue.clone());
            let told = ctx.address().recipient();
            let db_executor = DbExecutor::new(storage.clone(), lane, told, deliveries);
            let settings = ChatServerConfig::from(&config);
            let (online, bus, queue) = (online.clone(), bus.clone(), queue.clone());
            ChatServer::new(settings, db_executor.start(), storage.clone(), online, bus, queue)
        });
        if let Some(heard) = heard {
            actix::spawn(hand_on(heard, chat_server.clone()));
        }
        let edge = Edge::new(&config, &bus).unwrap();
        let keys = app::keys(&config).unwrap();
        let services =
            Services::new(config, storage, keys, online, edge, bus, (chat_server, queue));
        let serve = serve(services.clone()).await;
        Self { services, serve }
    }

    /// The client's end of a new connection.
    pub fn connect(&self) -> DuplexStream {
        let (client, server) = tokio::io::duplex(WIRE);
        actix::spawn((self.serve)(server));
        client
    }

    pub fn token(&self, user: UserId) -> String {
        let lifetime = Some(Duration::from_hours(1));
        self.services.keys().issue_access(user, clock::now(), lifetime).unwrap()
    }
}

fn config(plant: Option<Plant>) -> Config {
    let mut config = Config::default();
    config.auth.secrets = vec![Secret::new("a shared secret of the simulated servers, 48 bytes")];
    config.server.presence_grace_seconds = 1;
    config.database.read_connections = 8;
    config.notifications.messages = false;
    // Half of what a repair may take.
    config.redis.sweep_seconds = if plant == Some(Plant::NoComparison) { 3_600 } else { 5 };
    let limits = &mut config.limits;
    limits.outbound_bytes = OUTBOUND;
    limits.sync_page = 20;
    // Rates go by the real clock.
    limits.sends_per_second = 0;
    limits.frames_per_second = 0;
    limits.syncs_per_minute = 0;
    limits.typing_per_minute = 0;
    limits.sockets_per_address = 0;
    limits.connects_per_minute = 0;
    config
}

/// What the server does with each connection.
async fn serve(services: Services) -> Serve {
    let app = App::new()
        .app_data(web::Data::new(services))
        .route("/ws/chat/", web::get().to(session::chat));
    let app = Rc::new(init_service(app).await);
    let service = connections(app).await;
    Rc::new(move |io| {
        let served = service(io);
        Box::pin(async move {
            served.await;
        })
    })
}

async fn connections<S, B>(app: Rc<S>) -> impl Fn(DuplexStream) -> Pin<Box<dyn Future<Output = ()>>>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    B: actix_web::body::MessageBody + 'static,
{
    let http = HttpService::build()
        .client_disconnect_timeout(Duration::ZERO)
        .keep_alive(Duration::from_secs(75))
        .h1_write_buffer_size(WIRE)
        .h1(fn_factory(move || {
            let app = app.clone();
            async move { Ok::<_, ()>(app) }
        }));
    let service = Rc::new(http.new_service(()).await.unwrap());
    move |io| {
        let (service, address) = (service.clone(), "127.0.0.1:1".parse().ok());
        Box::pin(async move {
            // A connection that breaks is none of its concern.
            drop(service.call((io, address)).await);
        })
    }
}
