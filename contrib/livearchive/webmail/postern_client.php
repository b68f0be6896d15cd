<?php
// SPDX-License-Identifier: GPL-2.0-or-later
/** Tells the archive for whom the webmail asks, so that its audit has the reader's address and not this host's. */
class postern_client extends rcube_plugin
{
    public function init()
    {
        $this->add_hook('storage_connect', [$this, 'name_client']);
    }

    public function name_client($options)
    {
        $options['preauth_ident'] = ['x-originating-ip' => $_SERVER['REMOTE_ADDR']];
        return $options;
    }
}
