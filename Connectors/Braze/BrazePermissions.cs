using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze.Wire;

namespace IntegrationHub.Connectors.Braze;

/// <summary>
/// The permissions of a key. One is proven by a call that Braze's pages say is refused, and that names nobody, or by reading what cannot
/// be there; a call without its permission does not come that far. What no page says so of is not tried.
/// </summary>
internal sealed class BrazePermissions(BrazeClient client, BrazeOptions options)
{
    /// <summary>A day on which nobody can have opted out at Braze.</summary>
    private static readonly DateOnly LongAgo = new(2000, 1, 1);

    /// <summary>What the connector needs, by endpoint: https://www.braze.com/docs/api/basics</summary>
    public static IReadOnlyDictionary<VendorEndpoint, string> Needed { get; } = new Dictionary<VendorEndpoint, string>
    {
        [BrazeApiVersion.Track] = "users.track",
        [BrazeApiVersion.Export] = "users.export.ids",
        [BrazeApiVersion.Delete] = "users.delete",
        [BrazeApiVersion.NewAlias] = "users.alias.new",
        [BrazeApiVersion.Identify] = "users.identify",
        [BrazeApiVersion.Merge] = "users.merge",
        [BrazeApiVersion.Rename] = "users.external_ids.rename",
        [BrazeApiVersion.RemoveIds] = "users.external_ids.remove",
        [BrazeApiVersion.SubscriptionStatus] = "subscription.status.set",
        [BrazeApiVersion.EmailStatus] = "email.status",
        [BrazeApiVersion.Unsubscribes] = "email.unsubscribe",
        [BrazeApiVersion.HardBounces] = "email.hard_bounces",
        [BrazeApiVersion.InvalidPhones] = "sms.invalid_phone_numbers",
        [BrazeApiVersion.CustomAttributes] = "custom_attributes.get",
        [BrazeApiVersion.EventSeries] = "events.data_series",
        [BrazeApiVersion.Events] = "events.get",
    };

    /// <summary>Those of which no page says what comes of a request that names nobody.</summary>
    public static IReadOnlyList<string> NotProven { get; } =
        [.. new[] { BrazeApiVersion.Delete, BrazeApiVersion.NewAlias, BrazeApiVersion.Identify, BrazeApiVersion.SubscriptionStatus, BrazeApiVersion.EmailStatus, BrazeApiVersion.EventSeries }.Select(endpoint => Needed[endpoint])];

    /// <summary>Tries what can be tried without harm; people found by e-mail never change their external id.</summary>
    /// <returns>One finding per permission that is missing.</returns>
    /// <exception cref="DestinationException">A call was answered by something else.</exception>
    public async Task<IReadOnlyList<FieldFinding>> ProveAsync(CancellationToken cancellationToken)
    {
        var trials = new List<(VendorEndpoint Endpoint, DestinationCondition? Refusal)>
        {
            (BrazeApiVersion.Merge, await TryAsync(client.PostAsync(BrazeApiVersion.Merge, "{\"merge_updates\":{}}"u8.ToArray(), CallClearance.OfNobody, cancellationToken))),
        };
        if (!options.IdentityIsEmail)
        {
            trials.Add((BrazeApiVersion.Rename, await TryAsync(client.ChangeIdsAsync(BrazeApiVersion.Rename, "{\"external_id_renames\":[]}"u8.ToArray(), CallClearance.OfNobody, cancellationToken))));
            trials.Add((BrazeApiVersion.RemoveIds, await TryAsync(client.ChangeIdsAsync(BrazeApiVersion.RemoveIds, "{\"external_ids\":[]}"u8.ToArray(), CallClearance.OfNobody, cancellationToken))));
        }

        trials.Add((BrazeApiVersion.Unsubscribes, await TryAsync(client.UnsubscribesAsync(LongAgo, LongAgo.AddDays(1), 0, cancellationToken))));
        trials.Add((BrazeApiVersion.HardBounces, await TryAsync(client.BefallenAsync(BrazeApiVersion.HardBounces, UnsubscribesAnswer.ParseBounces, LongAgo, LongAgo.AddDays(1), 0, cancellationToken))));
        trials.Add((BrazeApiVersion.InvalidPhones, await TryAsync(client.BefallenAsync(BrazeApiVersion.InvalidPhones, UnsubscribesAnswer.ParsePhones, LongAgo, LongAgo.AddDays(1), 0, cancellationToken))));
        return trials.TrueForAll(static trial => trial.Refusal?.Trouble == DestinationTrouble.Unauthorized)
            ? throw new DestinationException(trials[0].Refusal!)
            : [.. trials.Where(static trial => trial.Refusal is not null).Select(static trial => Missing(trial.Endpoint))];
    }

    /// <summary>The finding that a permission is missing.</summary>
    public static FieldFinding Missing(VendorEndpoint endpoint) => new(
        Needed[endpoint], FieldFinding.PermissionMissing, $"The API key lacks the permission {Needed[endpoint]}: {endpoint.Method} {endpoint.Path} is refused.",
        "Make an API key that has it, as the permissions of a key cannot be changed, and put that one where the destination's credentials point to.");

    /// <summary>Names the permission in a condition that says one is missing.</summary>
    public static DestinationCondition? Naming(VendorEndpoint endpoint, DestinationCondition? condition) => condition is { Code: BrazeOutcomes.AccessDenied }
        ? condition with { Code = CodeOf(endpoint) }
        : condition;

    /// <summary>Reason code of a condition that says the permission of an endpoint is missing.</summary>
    public static string CodeOf(VendorEndpoint endpoint) => $"braze_permission_missing_{Needed[endpoint].Replace('.', '_')}";

    /// <summary>True when a key that is good elsewhere may not make the call. Braze's error page has 403 for it; a key that may nothing at all is a wrong one.</summary>
    public static bool Lacks(int status) => status is 401 or 403;

    /// <summary>A request that is refused for what it says has passed the look at the permissions, whatever the status of the refusal.</summary>
    /// <returns>The refusal for want of the permission, or null.</returns>
    private static async Task<DestinationCondition?> TryAsync<T>(Task<BrazeAnswer<T>> call)
        where T : class, IBrazeBody
    {
        var answer = await call;
        return answer is { Status: 400 or (>= 200 and < 300), Body: not null } || BrazeSender.ConditionOf(answer) is not { } condition ? null
            : Lacks(answer.Status) ? condition
            : throw new DestinationException(condition);
    }
}
