//! Drafts: what the user has begun to write. They stay on this device.

use std::sync::Arc;

use protocol::conversation::ConvId;
use protocol::conversation::list::Draft;

use crate::message::check_conv;
use crate::store::{self, Store};
use crate::{Core, Reply, ReqId};

impl Core {
    /// `tim_conv_set_draft`, `tim_conv_cancel_draft`
    pub(crate) fn set_draft(
        &mut self,
        store: &mut dyn Store,
        req: ReqId,
        conv: &ConvId,
        draft: Option<Draft>,
    ) -> store::Result<()> {
        if let Err(error) = check_conv(conv) {
            self.complete(req, Err(error));
            return Ok(());
        }
        match draft {
            Some(mut draft) => {
                draft.edit_time = self.server_s();
                let draft_ms = self.activity(draft.edit_time);
                self.change_conv(store, conv, |row| {
                    row.draft = Some(Arc::new(draft));
                    row.draft_ms = draft_ms;
                    row.is_hidden = false;
                })?;
            }
            None if self.conv(store, conv)?.draft.is_some() => {
                self.change_conv(store, conv, |row| {
                    row.draft = None;
                    row.draft_ms = 0;
                    // It was there for the draft only.
                    let is_bare = row.settings_version == 0 || row.is_bare;
                    row.is_hidden = row.active_ms == 0 && is_bare;
                })?;
            }
            None => {}
        }
        self.complete(req, Ok(Reply::Empty));
        Ok(())
    }
}
