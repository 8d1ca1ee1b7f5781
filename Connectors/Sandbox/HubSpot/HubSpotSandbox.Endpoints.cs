namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>The endpoints.</summary>
public sealed partial class HubSpotSandbox
{
    /// <inheritdoc />
    public void Map(SandboxEndpoints endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        void Serve(string method, string path, string? scope, Action<SandboxCall> handler) => endpoints.Map(method, path, call =>
        {
            if (_access.Admits(call, scope))
            {
                handler(call);
                Fail(call);
            }

            return ValueTask.CompletedTask;
        });

        Serve("POST", "crm/v3/objects/contacts/batch/upsert", HubSpotAccess.ContactWrite, _writes.Upsert);
        Serve("POST", "crm/v3/objects/contacts/batch/update", HubSpotAccess.ContactWrite, _writes.Update);
        Serve("POST", "crm/v3/objects/contacts/batch/read", HubSpotAccess.ContactRead, _reads.Read);
        Serve("POST", "crm/v3/objects/contacts/batch/archive", HubSpotAccess.ContactWrite, _reads.Archive);
        Serve("POST", "crm/v3/objects/contacts/batch/create", HubSpotAccess.ContactWrite, _singles.CreateMany);
        Serve("GET", "crm/v3/objects/contacts", HubSpotAccess.ContactRead, _singles.List);
        Serve("POST", "crm/v3/objects/contacts", HubSpotAccess.ContactWrite, _singles.Create);
        Serve("GET", "crm/v3/objects/contacts/{contactId}", HubSpotAccess.ContactRead, _singles.Get);
        Serve("PATCH", "crm/v3/objects/contacts/{contactId}", HubSpotAccess.ContactWrite, _singles.Update);
        Serve("DELETE", "crm/v3/objects/contacts/{contactId}", HubSpotAccess.ContactWrite, _singles.Archive);
        Serve("POST", "crm/v3/objects/contacts/search", HubSpotAccess.ContactRead, _search.Search);
        Serve("POST", "crm/v3/objects/contacts/merge", HubSpotAccess.ContactWrite, _identities.Merge);
        Serve("POST", "crm/v3/objects/contacts/gdpr-delete", HubSpotAccess.ContactWrite, _identities.Erase);
        Serve("GET", "crm/v3/properties/contacts", HubSpotAccess.SchemaRead, _properties.List);
        Serve("GET", "crm/v3/properties/contacts/{property}", HubSpotAccess.SchemaRead, _properties.Get);
        Serve("POST", "crm/v3/properties/contacts", HubSpotAccess.SchemaWrite, _properties.Create);
        Serve("POST", "crm/v3/lists", HubSpotAccess.ListWrite, _lists.Create);
        Serve("GET", "crm/v3/lists/{listId}", HubSpotAccess.ListRead, _lists.Get);
        Serve("DELETE", "crm/v3/lists/{listId}", HubSpotAccess.ListWrite, _lists.Delete);
        Serve("PUT", "crm/v3/lists/{listId}/restore", HubSpotAccess.ListWrite, _lists.Restore);
        Serve("GET", "crm/v3/lists/object-type-id/0-1/name/{name}", HubSpotAccess.ListRead, _lists.Find);
        Serve("PUT", "crm/v3/lists/{listId}/memberships/add", HubSpotAccess.ListWrite, _lists.Add);
        Serve("PUT", "crm/v3/lists/{listId}/memberships/remove", HubSpotAccess.ListWrite, _lists.Remove);
        Serve("PUT", "crm/v3/lists/{listId}/memberships/add-and-remove", HubSpotAccess.ListWrite, _lists.AddAndRemove);
        Serve("PUT", "crm/v3/lists/{listId}/memberships/add-from/{sourceListId}", HubSpotAccess.ListWrite, _lists.AddFrom);
        Serve("DELETE", "crm/v3/lists/{listId}/memberships", HubSpotAccess.ListWrite, _lists.Empty);
        Serve("GET", "crm/v3/lists/{listId}/memberships", HubSpotAccess.ListRead, _lists.Members);
        Serve("POST", "crm/v3/lists/records/memberships/batch/read", HubSpotAccess.ListRead, _lists.MembershipsOf);
        MapConsent(Serve);
        Serve("POST", "events/v3/send", HubSpotAccess.EventSend, _events.Send);
        Serve("POST", "events/v3/send/batch", HubSpotAccess.EventSend, _events.SendMany);
        Serve("GET", "events/v3/events", HubSpotAccess.EventSend, _events.Read);
        Serve("GET", "account-info/v3/details", null, WriteAccount);
        endpoints.Map("POST", "oauth/v1/token", _tokens.Serve);
        endpoints.Map("POST", "oauth/v3/token", _tokens.Serve);
        endpoints.MapNotFound(call =>
        {
            HubSpotAnswers.Fail(call, 404, null, "resource not found");
            return ValueTask.CompletedTask;
        });
    }

    private void MapConsent(Action<string, string, string?, Action<SandboxCall>> serve)
    {
        const string V3 = "communication-preferences/v3";
        const string V4 = "communication-preferences/v4";
        serve("GET", $"{V3}/status/email/{{email}}", HubSpotAccess.Consent, _consentV3.Read);
        serve("POST", $"{V3}/subscribe", HubSpotAccess.Consent, _consentV3.Subscribe);
        serve("POST", $"{V3}/unsubscribe", HubSpotAccess.Consent, _consentV3.Unsubscribe);
        serve("GET", $"{V4}/definitions", HubSpotAccess.Consent, _consentV4.Definitions);
        serve("GET", $"{V4}/statuses/{{email}}", HubSpotAccess.Consent, _consentV4.Read);
        serve("POST", $"{V4}/statuses/{{email}}", HubSpotAccess.Consent, _consentV4.Write);
        serve("GET", $"{V4}/statuses/{{email}}/unsubscribe-all", HubSpotAccess.Consent, _consentV4.ReadOptOut);
        serve("POST", $"{V4}/statuses/{{email}}/unsubscribe-all", HubSpotAccess.Consent, _consentV4.OptOut);
        serve("POST", $"{V4}/statuses/batch/read", HubSpotAccess.ConsentBatchRead, _consentV4.ReadMany);
        serve("POST", $"{V4}/statuses/batch/write", HubSpotAccess.ConsentBatchWrite, _consentV4.WriteMany);
        serve("POST", $"{V4}/statuses/batch/unsubscribe-all", HubSpotAccess.ConsentBatchWrite, _consentV4.OptOutMany);
        serve("POST", $"{V4}/statuses/batch/unsubscribe-all/read", HubSpotAccess.ConsentBatchRead, _consentV4.ReadOptOuts);
    }
}
