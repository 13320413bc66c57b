//! Searching the messages of this device.

use protocol::conversation::ConvId;
use protocol::message::{MessageSearchItem, MessageSearchParam, MessageSearchResult, match_type};
use protocol::{Error, codes};

use super::check_conv;
use crate::search::{FoundIn, Keyword, SEARCHABLE, Search};
use crate::store::{self, Place, Store};
use crate::{Core, Reply, ReqId};

/// Keywords of one search, and bytes of each.
const KEYWORDS: usize = 5;
const KEYWORD_BYTES: usize = 256;
/// Senders that one search may name.
const SENDERS: usize = 100;
/// Messages, or conversations, on one page; also when no pages are asked for.
const PAGE: u32 = 10_000;

/// The type of conversation that stands for all of them.
const EVERYWHERE: i32 = 0;

/// A search and which part of its result is wanted.
#[derive(Debug)]
pub(crate) struct SearchCall {
    req: ReqId,
    search: Search,
    /// How many come before the page.
    skipped: usize,
    page: usize,
}

impl Core {
    pub(crate) fn search_messages(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        param: MessageSearchParam,
    ) -> store::Result<()> {
        match self.search_call(req, param) {
            Ok(call) => self.answer_search(store, call)?,
            Err(error) => self.complete(req, Err(error)),
        }
        Ok(())
    }

    /// The store may have made its index meanwhile.
    pub(crate) fn resume_searches(&mut self, store: &mut dyn Store) -> store::Result<()> {
        for call in std::mem::take(&mut self.early_searches) {
            self.answer_search(store, call)?;
        }
        Ok(())
    }

    /// The store closes, or belongs to the next session.
    pub(crate) fn give_up_searches(&mut self, error: &Error) {
        for call in std::mem::take(&mut self.early_searches) {
            self.complete(call.req, Err(error.clone()));
        }
    }

    fn search_call(&self, req: ReqId, param: MessageSearchParam) -> Result<SearchCall, Error> {
        let keywords = keywords(&param.keywords)?;
        let is_all = match param.match_type {
            match_type::OR => false,
            match_type::AND => true,
            other => {
                let text = format!(
                    "msg_search_param_keyword_list_match_type: {other} is none, 0 is any of them, 1 all"
                );
                return Err(Error::new(codes::INVALID_PARAMETERS, text));
            }
        };
        let types = types(&param.types)?;
        if param.senders.len() > SENDERS {
            let text = format!(
                "msg_search_param_send_identifier_array: {} senders, at most {} may be named",
                param.senders.len(),
                SENDERS
            );
            return Err(Error::new(codes::INVALID_PARAMETERS, text));
        }
        if param.page_size > PAGE {
            let text = format!(
                "msg_search_param_page_size: {} is more than {}; ask for smaller pages",
                param.page_size, PAGE
            );
            return Err(Error::new(codes::INVALID_PARAMETERS, text));
        }
        let conv = match param.conv_type {
            EVERYWHERE => None,
            kind => {
                let id = param.conv_id;
                let conv = ConvId { kind, id };
                check_conv(&conv)?;
                Some(conv)
            }
        };
        let (from, to) = match (param.time_position, param.time_period) {
            (0, 0) => (0, u64::MAX),
            (0, period) => (self.server_s().saturating_sub(period), u64::MAX),
            (position, 0) => (0, position),
            (position, period) => (position.saturating_sub(period), position),
        };
        let (skipped, page) = match (param.page_index as usize, param.page_size as usize) {
            (_, 0) => (0, PAGE as usize),
            (index, size) => (index.saturating_mul(size), size),
        };
        Ok(SearchCall {
            req,
            search: Search {
                keywords,
                is_all,
                types,
                senders: param.senders,
                conv,
                from,
                to,
            },
            skipped,
            page,
        })
    }

    /// Answers as soon as the store has an index of all that it holds.
    fn answer_search(&mut self, store: &mut dyn Store, call: SearchCall) -> store::Result<()> {
        let Some(found) = store.search(&call.search)? else {
            self.early_searches.push(call);
            return Ok(());
        };
        let result = match call.search.conv {
            Some(_) => self.found_in_one(store, found, &call)?,
            None => self.found_everywhere(store, found, &call)?,
        };
        self.complete(call.req, Ok(Reply::Found(Box::new(result))));
        Ok(())
    }

    fn found_in_one(
        &mut self,
        store: &mut dyn Store,
        found: Vec<FoundIn>,
        call: &SearchCall,
    ) -> store::Result<MessageSearchResult> {
        let mut result = MessageSearchResult::default();
        for found in found {
            result.total = found.places.len() as u64;
            let page = found.places.iter().skip(call.skipped).take(call.page);
            let item = self.found_item(store, &found, page)?;
            result.items.push(item);
        }
        Ok(result)
    }

    /// Where the newest was found comes first.
    fn found_everywhere(
        &mut self,
        store: &mut dyn Store,
        mut found: Vec<FoundIn>,
        call: &SearchCall,
    ) -> store::Result<MessageSearchResult> {
        let total = found.len() as u64;
        found.sort_unstable_by(|a, b| {
            let key = |found: &FoundIn| (found.time, found.conv.kind);
            key(b).cmp(&key(a)).then_with(|| a.conv.id.cmp(&b.conv.id))
        });
        let mut items = Vec::new();
        for found in found.iter().skip(call.skipped).take(call.page) {
            let only = match found.places.len() {
                1 => found.places.iter(),
                _ => [].iter(),
            };
            items.push(self.found_item(store, found, only)?);
        }
        Ok(MessageSearchResult { total, items })
    }

    fn found_item<'a>(
        &mut self,
        store: &mut dyn Store,
        found: &FoundIn,
        shown: impl Iterator<Item = &'a Place>,
    ) -> store::Result<MessageSearchItem> {
        let conv = self.conv_row(store, &found.conv)?;
        let mut messages = Vec::new();
        for place in shown {
            let behind = Place {
                sub: place.sub + 1,
                ..*place
            };
            let rows = store.page(&found.conv, behind, false, 1)?;
            messages.extend(rows.into_iter().map(|row| self.view(row, &conv)));
        }
        Ok(MessageSearchItem {
            conv_id: found.conv.id.clone(),
            conv_type: found.conv.kind,
            count: found.places.len() as u64,
            messages,
        })
    }
}

fn keywords(texts: &[String]) -> Result<Vec<Keyword>, Error> {
    if !(1..=KEYWORDS).contains(&texts.len()) {
        let text = format!(
            "msg_search_param_keyword_array: {} keywords, it must have 1 to {}",
            texts.len(),
            KEYWORDS
        );
        return Err(Error::new(codes::INVALID_PARAMETERS, text));
    }
    let mut keywords = Vec::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        if text.len() > KEYWORD_BYTES {
            let text = format!(
                "msg_search_param_keyword_array[{at}]: {} bytes, a keyword has at most {}",
                text.len(),
                KEYWORD_BYTES
            );
            return Err(Error::new(codes::INVALID_PARAMETERS, text));
        }
        let keyword = Keyword::new(text).ok_or_else(|| {
            let text = format!(
                "msg_search_param_keyword_array[{at}]: a keyword needs a letter, a digit or a symbol; spaces and punctuation are not searched"
            );
            Error::new(codes::INVALID_PARAMETERS, text)
        })?;
        keywords.push(keyword);
    }
    Ok(keywords)
}

/// Kinds without a text are passed over, unless there are no others.
fn types(wanted: &[i32]) -> Result<Vec<i32>, Error> {
    let types: Vec<i32> = SEARCHABLE
        .into_iter()
        .filter(|kind| wanted.contains(kind))
        .collect();
    if types.is_empty() && !wanted.is_empty() {
        let text = "msg_search_param_message_type_array: none of these elements has a text; \
            TIM_ELEM_TEXT, TIM_ELEM_CUSTOM and TIM_ELEM_LOCATION have one";
        return Err(Error::new(codes::INVALID_PARAMETERS, text));
    }
    Ok(types)
}
