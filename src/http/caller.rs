//! Who calls: a bearer token at the API ([`Caller`]), a session cookie at the pages ([`Visitor`]). Pages never take a token.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;

use super::{Context, Error};
use crate::actions::sessions::IDLE_SECONDS;
use crate::actions::{self, Act};
use crate::app::App;
use crate::base::chance::fingerprint;
use crate::domain::actors::{Actor, Member};
use crate::domain::refusals::Refusal;
use crate::domain::roles::Verb;
use crate::store::{self, AnyConnection};

/// The cookie of a session. `HttpOnly`, `SameSite=Lax`, `Secure` behind https.
pub const SESSION_COOKIE: &str = "yiqi_session";

/// A caller of the API: somebody with a token, or a stranger. A wrong token is 401 before anything else is looked at.
#[derive(Debug, Clone)]
pub struct Caller {
    /// `None` for a stranger.
    pub actor: Option<Actor>,
    /// The request.
    pub context: Context,
}

impl Caller {
    /// The member behind the token.
    ///
    /// # Errors
    /// 401 for a stranger, 403 for an instrument's token.
    pub fn member(&self) -> Result<&Member, Error> {
        match &self.actor {
            None => Err(Error::Unauthorized),
            Some(Actor::Member(member)) => Ok(member),
            Some(_) => Err(Refusal::Forbidden.into()),
        }
    }

    /// The member behind the token, when the role allows something.
    ///
    /// # Errors
    /// 401 for a stranger, 403 when the role does not.
    pub fn require(&self, verb: Verb) -> Result<&Member, Error> {
        let member = self.member()?;
        if member.may(verb) { Ok(member) } else { Err(Refusal::Forbidden.into()) }
    }

    /// The member behind the token, when the role allows one of several things.
    ///
    /// # Errors
    /// 401 for a stranger, 403 when the role allows none of them.
    pub fn require_any(&self, verbs: &[Verb]) -> Result<&Member, Error> {
        let member = self.member()?;
        if verbs.iter().any(|verb| member.may(*verb)) { Ok(member) } else { Err(Refusal::Forbidden.into()) }
    }

    /// The member if there is one; a stranger and an instrument have none.
    #[must_use]
    pub fn member_or_none(&self) -> Option<&Member> {
        match &self.actor {
            Some(Actor::Member(member)) => Some(member),
            _ => None,
        }
    }

    /// The circumstances of an act of this caller.
    ///
    /// # Errors
    /// 401 for a stranger.
    pub fn act(&self, app: &App) -> Result<Act, Error> {
        Ok(app.act(self.actor.clone().ok_or(Error::Unauthorized)?, self.context.request_id.clone()))
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let context = Context::from_request_parts(parts, app).await?;
        let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
            app.limits.count_stranger(context.address)?;
            return Ok(Self { actor: None, context });
        };
        let token =
            value.to_str().ok().and_then(|v| v.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
        let actor = match token {
            Some(token) if !token.is_empty() => actor_of_token(&mut *app.db.read().await?, token).await?,
            _ => None,
        };
        let Some(actor) = actor else {
            app.limits.count_stranger(context.address)?;
            return Err(Error::Unauthorized);
        };
        match &actor {
            Actor::Member(member) => app.limits.count_member(&member.person_id)?,
            Actor::Instrument { instrument_id, .. } => app.limits.count_member(instrument_id)?,
            _ => {}
        }
        Ok(Self { actor: Some(actor), context })
    }
}

async fn actor_of_token(conn: &mut AnyConnection, token: &str) -> Result<Option<Actor>, Error> {
    let Some((token_id, membership_id, instrument_id)) = store::sessions::find_token(conn, &fingerprint(token)).await? else {
        return Ok(None);
    };
    if let Some(instrument_id) = instrument_id {
        return Ok(Some(Actor::Instrument { token_id, instrument_id }));
    }
    let Some(membership_id) = membership_id else { return Ok(None) };
    Ok(store::persons::find_member(conn, &membership_id).await?.map(Actor::Member))
}

/// A visitor of the pages: with a session, or a stranger.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The membership acted through; `None` for a stranger.
    pub member: Option<Member>,
    /// The secret of the session's cookie.
    pub secret: Option<String>,
    /// The request.
    pub context: Context,
}

impl Visitor {
    /// The member behind the session.
    ///
    /// # Errors
    /// 401, which the outermost layer turns into the way to sign-in.
    pub fn member(&self) -> Result<&Member, Error> {
        self.member.as_ref().ok_or(Error::Unauthorized)
    }

    /// The member behind the session, when the role allows something.
    ///
    /// # Errors
    /// 401 for a stranger, 403 when the role does not.
    pub fn require(&self, verb: Verb) -> Result<&Member, Error> {
        let member = self.member()?;
        if member.may(verb) { Ok(member) } else { Err(Refusal::Forbidden.into()) }
    }

    /// The member behind the session, when the role allows one of several things.
    ///
    /// # Errors
    /// 401 for a stranger, 403 when the role allows none of them.
    pub fn require_any(&self, verbs: &[Verb]) -> Result<&Member, Error> {
        let member = self.member()?;
        if verbs.iter().any(|verb| member.may(*verb)) { Ok(member) } else { Err(Refusal::Forbidden.into()) }
    }

    /// Whether the visitor is signed in with a role that allows something.
    #[must_use]
    pub fn may(&self, verb: Verb) -> bool {
        self.member.as_ref().is_some_and(|m| m.may(verb))
    }

    /// The circumstances of an act of this visitor.
    ///
    /// # Errors
    /// 401 for a stranger.
    pub fn act(&self, app: &App) -> Result<Act, Error> {
        Ok(app.act(Actor::Member(self.member()?.clone()), self.context.request_id.clone()))
    }
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let context = Context::from_request_parts(parts, app).await?;
        let jar = CookieJar::from_headers(&parts.headers);
        let Some(secret) = jar.get(SESSION_COOKIE).map(|c| c.value().to_owned()).filter(|s| !s.is_empty()) else {
            app.limits.count_stranger(context.address)?;
            return Ok(Self { member: None, secret: None, context });
        };
        let now = app.clock.now();
        let mut conn = app.db.read().await?;
        let Some((session_id, membership_id, seen_at)) = store::sessions::find(&mut conn, &fingerprint(&secret), now.plus(-IDLE_SECONDS)).await? else {
            app.limits.count_stranger(context.address)?;
            return Ok(Self { member: None, secret: None, context });
        };
        let member = store::persons::find_member(&mut conn, &membership_id).await?;
        drop(conn);
        if let Some(member) = &member {
            app.limits.count_member(&member.person_id)?;
            // Once a minute is enough to keep a session of half an hour alive.
            if now.0 - seen_at.0 >= 60 {
                let seen = app.db.transact(|tx| Box::pin(async { Ok::<_, actions::Error>(store::sessions::update_seen(tx, &session_id, now).await?) })).await;
                if let Err(error) = seen {
                    tracing::warn!(%error, "a session could not be kept alive");
                }
            }
        }
        let secret = member.is_some().then_some(secret);
        Ok(Self { member, secret, context })
    }
}
