using System.Buffers;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Braze;

/// <summary>Bodies for every endpoint but <c>/users/track</c>.</summary>
internal static class BrazeBodies
{
    /// <summary>A body for <c>/users/export/ids</c>: people by external id or alias.</summary>
    public static byte[] Export(IEnumerable<string> externalIds, IEnumerable<ProfileAlias> aliases, IEnumerable<string> fields) => Object(json =>
    {
        Texts(json, "external_ids", externalIds);
        if (aliases.Any())
        {
            json.WriteStartArray("user_aliases"u8);
            foreach (var alias in aliases)
            {
                json.WriteStartObject();
                Alias(json, alias);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        Texts(json, "fields_to_export", fields);
    });

    /// <summary>A body for <c>/users/export/ids</c>: everybody with an e-mail address.</summary>
    public static byte[] Export(string email, IEnumerable<string> fields) => Object(json =>
    {
        json.WriteString("email_address"u8, email);
        Texts(json, "fields_to_export", fields);
    });

    public static byte[] NewAliases(IEnumerable<(string ExternalId, ProfileAlias Alias)> aliases) => Entries("user_aliases", aliases, (json, entry) =>
    {
        json.WriteString("external_id"u8, entry.ExternalId);
        Alias(json, entry.Alias);
    });

    public static byte[] Identify(IEnumerable<(string ExternalId, ProfileAlias Alias)> aliases) => Entries("aliases_to_identify", aliases, (json, entry) =>
    {
        json.WriteString("external_id"u8, entry.ExternalId);
        json.WriteStartObject("user_alias"u8);
        Alias(json, entry.Alias);
        json.WriteEndObject();
    });

    public static byte[] Merge(IEnumerable<(string Ends, string Stays)> pairs, bool identityIsEmail) => Entries("merge_updates", pairs, (json, pair) =>
    {
        Identifier(json, "identifier_to_merge", pair.Ends, identityIsEmail);
        Identifier(json, "identifier_to_keep", pair.Stays, identityIsEmail);
    });

    public static byte[] Rename(IEnumerable<(string From, string To)> pairs) => Entries("external_id_renames", pairs, (json, pair) =>
    {
        json.WriteString("current_external_id"u8, pair.From);
        json.WriteString("new_external_id"u8, pair.To);
    });

    public static byte[] RemoveIds(IEnumerable<string> formerIds) => Object(json => Texts(json, "external_ids", formerIds));

    public static byte[] Delete(IEnumerable<string> brazeIds) => Object(json => Texts(json, "braze_ids", brazeIds));

    public static byte[] EmailStatus(IEnumerable<string> emails, string state) => Object(json =>
    {
        Texts(json, "email", emails);
        json.WriteString("subscription_state"u8, state);
    });

    public static byte[] Subscriptions(IEnumerable<TopicWrite> writes) => Entries(
        "subscription_groups", writes.GroupBy(write => (write.Topic.RemoteRef, write.Topic.Granted)), (json, group) =>
        {
            json.WriteString("subscription_group_id"u8, group.Key.RemoteRef);
            json.WriteString("subscription_state"u8, group.Key.Granted ? "subscribed"u8 : "unsubscribed"u8);
            foreach (var people in group.GroupBy(write => write.IdsName))
            {
                Texts(json, people.Key, people.Select(write => write.Id).Distinct());
            }
        });

    /// <summary>One attributes object: another e-mail address for the person, whose opt-out the change would else lift.</summary>
    public static void EmailChange(Utf8JsonWriter json, string brazeId, string email, string? state)
    {
        json.WriteStartObject();
        json.WriteString("braze_id"u8, brazeId);
        json.WriteBoolean("_update_existing_only"u8, true);
        json.WriteString("email"u8, email);
        if (state is not null)
        {
            json.WriteString("email_subscribe"u8, state);
        }

        json.WriteEndObject();
    }

    private static void Identifier(Utf8JsonWriter json, string name, string key, bool identityIsEmail)
    {
        json.WriteStartObject(name);
        json.WriteString(identityIsEmail ? "email"u8 : "external_id"u8, key);
        if (identityIsEmail)
        {
            Texts(json, "prioritization", ["most_recently_updated"]);
        }

        json.WriteEndObject();
    }

    private static void Alias(Utf8JsonWriter json, ProfileAlias alias)
    {
        json.WriteString("alias_name"u8, alias.Name);
        json.WriteString("alias_label"u8, alias.Label);
    }

    private static byte[] Entries<T>(string name, IEnumerable<T> entries, Action<Utf8JsonWriter, T> write) => Object(json =>
    {
        json.WriteStartArray(name);
        foreach (var entry in entries)
        {
            json.WriteStartObject();
            write(json, entry);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        using var each = texts.GetEnumerator();
        if (!each.MoveNext())
        {
            return;
        }

        json.WriteStartArray(name);
        do
        {
            json.WriteStringValue(each.Current);
        }
        while (each.MoveNext());
        json.WriteEndArray();
    }

    private static byte[] Object(Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(body, BrazeMapper.Writing);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        json.Flush();
        return body.WrittenSpan.ToArray();
    }
}

/// <summary>A topic to write for one person.</summary>
/// <param name="Item">Whose it is.</param>
/// <param name="Topic">The subscription group and the state.</param>
/// <param name="IdsName">The list that the id belongs into: <c>emails</c>, <c>phones</c> or <c>external_ids</c>.</param>
/// <param name="Id">The address, number or external id.</param>
internal sealed record TopicWrite(int Item, TopicConsent Topic, string IdsName, string Id);
