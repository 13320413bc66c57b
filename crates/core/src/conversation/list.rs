//! The list: all of it, by filter and in pages, single conversations.

use protocol::conversation::list::{ConvFilter, ConvListResult};
use protocol::conversation::{ConvId, conv_type};
use protocol::{Error, codes};

use crate::message::check_conv;
use crate::store::{self, ConvRow, Store};
use crate::user::check_user_id;
use crate::{Core, Reply, ReqId};

/// Rows that are read at once, while those are looked for that pass a filter.
const CHUNK: (usize, usize) = (32, 512);

/// A [`ConvFilter`] whose group has been looked up.
#[derive(Debug)]
pub(crate) struct Filter {
    kind: Option<i32>,
    group: Group,
    mark: Option<u64>,
    has_unread: Option<bool>,
    has_at: Option<bool>,
}

#[derive(Debug)]
enum Group {
    Any,
    None,
    Of(u64),
    /// There is none of that name.
    Unknown,
}

impl Filter {
    pub fn matches(&self, row: &ConvRow) -> bool {
        self.counts(row)
            && self.has_unread.is_none_or(|has| has == (row.unread() > 0))
            // Mentions belong to groups.
            && self.has_at != Some(true)
    }

    /// The same without what changes by counting.
    pub fn counts(&self, row: &ConvRow) -> bool {
        self.is_of(row.conv.kind, row.marks, &row.groups)
    }

    pub fn is_of(&self, kind: i32, marks: u64, groups: &[u64]) -> bool {
        let is_group = match self.group {
            Group::Any => true,
            Group::None => groups.is_empty(),
            Group::Of(id) => groups.contains(&id),
            Group::Unknown => false,
        };
        let is_marked = match self.mark {
            None => true,
            Some(0) => marks == 0,
            Some(mark) => marks & mark == mark,
        };
        is_group && is_marked && self.kind.is_none_or(|wanted| wanted == kind)
    }
}

impl Core {
    pub(super) fn filter(&self, asked: &ConvFilter) -> Filter {
        Filter {
            kind: asked.conv_type.filter(|kind| *kind != 0),
            group: match asked.group.as_deref() {
                None => Group::Any,
                Some("") => Group::None,
                Some(name) => match self.conversations.groups.id(name) {
                    Some(id) => Group::Of(id),
                    None => Group::Unknown,
                },
            },
            mark: asked.mark,
            has_unread: asked.has_unread,
            has_at: asked.has_at,
        }
    }

    pub(crate) fn get_conversations(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
    ) -> store::Result<()> {
        self.write_conversations(store)?;
        let mut infos = Vec::new();
        for row in store.conversations()? {
            infos.push(self.conv_info(store, &row)?);
        }
        self.complete(req, Ok(Reply::Conversations(infos)));
        Ok(())
    }

    pub(crate) fn get_conv_info(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        convs: &[ConvId],
    ) -> store::Result<()> {
        if convs.is_empty() {
            let text = "json_get_conv_list_param: name at least one conversation";
            self.complete(req, Err(Error::new(codes::INVALID_PARAMETERS, text)));
            return Ok(());
        }
        for (at, conv) in convs.iter().enumerate() {
            let place = format_args!("[{at}].get_conversation_list_param_conv_id");
            if conv.kind == conv_type::C2C
                && let Err(error) = check_user_id(place, &conv.id)
            {
                self.complete(req, Err(error));
                return Ok(());
            }
        }
        self.write_conversations(store)?;
        let mut infos = Vec::new();
        for conv in convs {
            if let Some(row) = store.conversation(conv)?.filter(|row| !row.is_hidden) {
                infos.push(self.conv_info(store, &row)?);
            }
        }
        self.complete(req, Ok(Reply::Conversations(infos)));
        Ok(())
    }

    /// A page of those that pass a filter. What moves between two pages is told by events; what does
    /// not is on one page exactly.
    pub(crate) fn get_conversation_page(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        filter: &ConvFilter,
        next_seq: u64,
        count: u32,
    ) -> store::Result<()> {
        if count == 0 {
            let text = "count: a page has 1 conversation at least";
            self.complete(req, Err(Error::new(codes::INVALID_PARAMETERS, text)));
            return Ok(());
        }
        self.write_conversations(store)?;
        let (filter, count) = (self.filter(filter), count as usize);
        let mut below = if next_seq == 0 { u64::MAX } else { next_seq };
        let (mut rows, mut is_finished) = (Vec::new(), false);
        let mut is_full = false;
        while !is_full && !is_finished {
            // One more tells whether there is another page.
            let chunk = (count - rows.len() + 1).clamp(CHUNK.0, CHUNK.1);
            let found = store.conversations_below(below, chunk)?;
            is_finished = found.len() < chunk;
            for (rank, row) in found {
                let is_it = filter.matches(&row);
                if is_it && rows.len() == count {
                    (is_full, is_finished) = (true, false);
                    break;
                }
                below = rank;
                if is_it {
                    rows.push(row);
                }
            }
        }
        let mut result = ConvListResult {
            next_seq: if is_finished { 0 } else { below },
            is_finished,
            ..ConvListResult::default()
        };
        for row in rows {
            result.conversations.push(self.conv_info(store, &row)?);
        }
        self.complete(req, Ok(Reply::ConversationPage(Box::new(result))));
        Ok(())
    }

    /// `tim_conv_create`: it enters the list, on this device, when it is not there.
    pub(crate) fn create_conversation(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        conv: &ConvId,
    ) -> store::Result<()> {
        if let Err(error) = check_conv(conv) {
            self.complete(req, Err(error));
            return Ok(());
        }
        if !self.is_listed(store, conv)? {
            let active_ms = self.activity(self.server_s());
            self.change_conv(store, conv, |row| {
                row.is_hidden = false;
                row.active_ms = row.active_ms.max(active_ms);
            })?;
        }
        let row = self.conv_row(store, conv)?;
        let info = self.conv_info(store, &row)?;
        self.complete(req, Ok(Reply::Conversation(Box::new(info))));
        Ok(())
    }
}

/// A conversation named with its prefix.
pub(super) fn parse_conv(text: &str) -> Result<ConvId, Error> {
    let conv = ConvId::parse(text).ok_or_else(|| {
        let text = "a conversation is named c2c_<user ID> or group_<group ID>";
        Error::new(codes::INVALID_PARAMETERS, text)
    })?;
    check_conv(&conv)?;
    Ok(conv)
}
