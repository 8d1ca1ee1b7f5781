using System.Diagnostics.CodeAnalysis;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze.Wire;

namespace IntegrationHub.Connectors.Braze;

/// <summary>Reads people back. Throws <see cref="DestinationException"/> when Braze cannot be asked.</summary>
internal sealed class BrazeProfiles(BrazeClient client, BrazeOptions options)
{
    private static readonly string[] Identity = ["braze_id", "external_id", "email", "email_subscribe", "user_aliases"];

    /// <summary>The fields of a user that may hold what somebody wrote: https://www.braze.com/docs/api/endpoints/export/user_data/post_users_identifier</summary>
    private static readonly string[] Standard = ["country", "dob", "email", "email_subscribe", "first_name", "gender", "home_city", "language", "last_name", "phone", "push_subscribe", "time_zone"];

    /// <summary>Fifty external ids fit into an export, but only one e-mail address.</summary>
    public int MaxKeys => options.IdentityIsEmail ? 1 : BrazeDescriptor.MaxIds;

    /// <summary>Lower case, as Braze gives addresses back.</summary>
    [SuppressMessage("Globalization", "CA1308:Normalize strings to uppercase", Justification = "Braze's normal form is lower case.")]
    public static string Normal(string email) => email.ToLowerInvariant();

    /// <summary>The members among the given people, of an audience that the attribute stands for.</summary>
    public async Task<IReadOnlyList<RemoteMember>> MembersAsync(IReadOnlyList<string> keys, string attribute, CancellationToken cancellationToken)
    {
        string[] fields = ["braze_id", KeyField, "custom_attributes"];
        return MembersOf(await ReadAsync(keys, fields, cancellationToken), attribute);
    }

    /// <summary>The members among the given people, and the profiles of all of them: the attribute is one of their fields.</summary>
    public async Task<MemberProfiles> MemberProfilesAsync(IReadOnlyList<string> keys, string attribute, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        string[] exported = [.. new[] { "braze_id", KeyField, "custom_attributes" }.Concat(fields.Where(BrazeMapper.IsStandard)).Distinct()];
        var users = await ReadAsync(keys, exported, cancellationToken);
        return new MemberProfiles(MembersOf(users, attribute), ProfilesOf(users, keys, fields));
    }

    /// <summary>The profiles that have one of the keys now; a former external id is nobody's key.</summary>
    public async Task<IReadOnlyList<RemoteProfile>> ProfilesAsync(IReadOnlyList<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        string[] exported =
        [
            .. new[] { "braze_id", KeyField }.Concat(fields.Where(BrazeMapper.IsStandard))
                .Concat(fields.All(BrazeMapper.IsStandard) ? [] : ["custom_attributes"])
                .Distinct(),
        ];
        return ProfilesOf(await ReadAsync(keys, exported, cancellationToken), keys, fields);
    }

    /// <summary>Everything that an export tells of what somebody wrote about those who have the key now.</summary>
    public async Task<IReadOnlyList<ShownPerson>> WholesAsync(string key, CancellationToken cancellationToken)
        =>
        [
            .. (await ReadAsync([key], ["braze_id", KeyField, .. Standard.Except([KeyField]), "custom_attributes"], cancellationToken))
                .Where(user => KeyOf(user) is { } has && (options.IdentityIsEmail || has == key))
                .Select(user => new ShownPerson(
                    user.BrazeId,
                    [
                        .. Standard.Select(name => (name, value: user.Field(name, isStandard: true))).Where(field => field.value is not null).Select(field => new ShownField(field.name, field.value!, IsVendorsOwn: true)),
                        .. user.CustomAttributes.Select(attribute => new ShownField(attribute.Key, attribute.Value, IsVendorsOwn: false)),
                    ])
                { IsOptedOut = user.EmailSubscribe == "unsubscribed" }),
        ];

    /// <summary>Those of the keys that somebody has now.</summary>
    public async Task<HashSet<string>> KnownAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
        => [.. (await ReadAsync(keys, ["braze_id", KeyField], cancellationToken)).Select(KeyOf).OfType<string>()];

    /// <summary>Those who have one of the keys now, by the key, with what is counted of what they did.</summary>
    public async Task<ILookup<string, ExportedUser>> HappenedAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var found = (await ReadAsync(keys, ["braze_id", KeyField, "custom_events", "purchases"], cancellationToken)).Where(user => KeyOf(user) is not null).ToLookup(user => KeyOf(user)!, StringComparer.Ordinal);
        return keys.SelectMany(key => found[options.IdentityIsEmail ? Normal(key) : key].Select(user => (key, user))).ToLookup(pair => pair.key, pair => pair.user, StringComparer.Ordinal);
    }

    /// <summary>Everybody who has one of the keys, with what identifies them; by external id also those who had it before.</summary>
    public Task<IReadOnlyList<ExportedUser>> FindAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
        => ReadAsync(keys, Identity, cancellationToken);

    /// <summary>People by external id and by alias, in one call; at most fifty in all.</summary>
    public async Task<ExportAnswer> FindAsync(
        IReadOnlyList<string> externalIds, IReadOnlyList<ProfileAlias> aliases, CancellationToken cancellationToken)
        => await ExportAsync(BrazeBodies.Export(externalIds, aliases, Identity), cancellationToken);

    /// <summary>Everybody with the address.</summary>
    public async Task<IReadOnlyList<ExportedUser>> WithEmailAsync(string email, CancellationToken cancellationToken)
        => (await ExportAsync(BrazeBodies.Export(email, Identity), cancellationToken)).Users;

    private string KeyField => options.IdentityIsEmail ? BrazeDescriptor.Email : BrazeDescriptor.ExternalId;

    private string? KeyOf(ExportedUser user) => options.IdentityIsEmail ? user.Email : user.ExternalId;

    private List<RemoteMember> MembersOf(IReadOnlyList<ExportedUser> users, string attribute) =>
    [
        .. users.Where(user => user.Field(attribute, isStandard: false) == "true" && KeyOf(user) is not null)
            .Select(user => new RemoteMember(user.BrazeId, KeyOf(user)))
            .DistinctBy(member => member.Key),
    ];

    private List<RemoteProfile> ProfilesOf(IReadOnlyList<ExportedUser> users, IReadOnlyList<string> keys, IReadOnlyList<string> fields)
    {
        var asked = keys.ToHashSet(StringComparer.Ordinal);
        return
        [
            .. users.Where(user => KeyOf(user) is { } key && (options.IdentityIsEmail || asked.Contains(key)))
                .Select(user => new RemoteProfile(KeyOf(user)!, user.BrazeId, Values(user, fields))),
        ];
    }

    private static Dictionary<string, string> Values(ExportedUser user, IReadOnlyList<string> fields)
    {
        var values = new Dictionary<string, string>(fields.Count);
        foreach (var field in fields)
        {
            if (user.Field(field, BrazeMapper.IsStandard(field)) is { } json)
            {
                values[field] = json;
            }
        }

        return values;
    }

    private async Task<IReadOnlyList<ExportedUser>> ReadAsync(IReadOnlyList<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        var users = new List<ExportedUser>(keys.Count);
        foreach (var some in keys.Chunk(MaxKeys))
        {
            var body = options.IdentityIsEmail ? BrazeBodies.Export(some[0], fields) : BrazeBodies.Export(some, [], fields);
            users.AddRange((await ExportAsync(body, cancellationToken)).Users);
        }

        return users;
    }

    private async Task<ExportAnswer> ExportAsync(byte[] body, CancellationToken cancellationToken)
    {
        var answer = await client.ExportAsync(body, cancellationToken);
        return BrazeSender.ConditionOf(answer) is { } condition ? throw new DestinationException(condition) : answer.Body!;
    }
}
