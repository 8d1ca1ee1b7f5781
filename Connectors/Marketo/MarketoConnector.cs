using System.Globalization;
using System.Runtime.CompilerServices;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>Upserts people and learns their lead ids, then changes static lists by lead id.</summary>
internal sealed class MarketoConnector(MarketoOptions options, MarketoClient client, TimeProvider time) : IConnector, IMemberListing
{
    public ConnectorDescriptor Descriptor => MarketoDescriptor.Value;

    public async Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken)
    {
        var answer = await client.DescribeAsync(cancellationToken);
        return answer.Failure is not null ? ConditionOf(answer)
            : answer.Rows.Any(row => IsSame(row.Text, options.IdentityKey)) ? null
            : new(DestinationTrouble.Misconfigured, "identity_key_not_searchable");
    }

    public async Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken)
    {
        if (request.RemoteId is { } given)
        {
            return long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? Found(request, id) : Missing("list_id_not_a_number");
        }

        var found = await FindListAsync(request, cancellationToken);
        if (found is not null)
        {
            return found;
        }

        if (options.Folder is not { } folder)
        {
            return Missing("list_missing_and_no_folder_id");
        }

        var created = await client.CreateListAsync(request.RemoteName, folder, options.FolderKind, cancellationToken);
        if (created is { Failure: null, Rows: [{ Id: not 0 } list, ..] })
        {
            return Found(request, list.Id);
        }

        // Somebody else may have created it meanwhile: the name is then refused, and the list is there.
        return await FindListAsync(request, cancellationToken) ?? new(null, ConditionOf(created));
    }

    public async Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken)
    {
        var delivery = new MarketoDelivery(batch, time);
        if (batch.Operation is Operation.UpsertProfile or Operation.AddMember)
        {
            await UpsertAsync(delivery, batch.Operation, cancellationToken);
        }

        if (batch.Operation is Operation.AddMember or Operation.RemoveMember)
        {
            var list = batch.Audience?.RemoteRef ?? throw new ArgumentException("A membership batch needs an audience.", nameof(batch));
            await new MarketoMembership(options, client, delivery, list, batch.Operation).ChangeAsync(cancellationToken);
        }

        return delivery.ToReceipt();
    }

    public async IAsyncEnumerable<IReadOnlyList<RemoteMember>> ListMembersAsync(
        AudienceTarget audience, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? page = null;
        do
        {
            var answer = await client.ListMembersAsync(audience.RemoteRef, options.IdentityKey, page, cancellationToken);
            if (answer.Failure is not null)
            {
                throw new DestinationException(ConditionOf(answer));
            }

            yield return [.. answer.Rows.Select(row => new RemoteMember(row.Id.ToString(CultureInfo.InvariantCulture), row.Text?.ToLowerInvariant()))];
            page = answer.NextPageToken;
        }
        while (page is not null);
    }

    private Task UpsertAsync(MarketoDelivery delivery, Operation operation, CancellationToken cancellationToken)
    {
        var due = delivery.Open(slot => operation == Operation.UpsertProfile || slot.LeadId == 0 || slot.Item.Fields.Count > 0);
        foreach (var slot in due.Where(slot => !MarketoMapper.HasAsciiEmail(options.IdentityKey, slot.Item)))
        {
            delivery.Settle(slot, MarketoOutcomes.For(MarketoOutcomes.EmailNotAscii));
        }

        due.RemoveAll(slot => slot.IsSettled);
        return delivery.SendAsync(
            due,
            slot => slot,
            part => client.SyncLeadsAsync(body => MarketoMapper.WriteLeads(body, options, part.Select(slot => slot.Item)), cancellationToken),
            (part, answer) => SettleUpsert(delivery, operation, part, answer.Rows));
    }

    private static void SettleUpsert(MarketoDelivery delivery, Operation operation, IReadOnlyList<DeliverySlot> part, IReadOnlyList<AnswerRow> rows)
    {
        // A skipped lead may carry no id, so answers belong to records by position; with another length no position can be trusted.
        var aligned = rows.Count == part.Count;
        for (var i = 0; i < part.Count; i++)
        {
            if (aligned && rows[i] is { Status: RowStatus.Created or RowStatus.Updated, Id: not 0, Reason: null } row)
            {
                part[i].LeadId = row.Id;
                if (operation == Operation.UpsertProfile)
                {
                    part[i].Settle(Outcome.Delivered);
                }
            }
            else
            {
                delivery.Settle(part[i], MarketoOutcomes.For(aligned && rows[i].Reason is { } reason ? reason : MarketoOutcomes.Unmentioned));
            }
        }
    }

    private async Task<EnsureAudienceResult?> FindListAsync(AudienceRequest request, CancellationToken cancellationToken)
    {
        var answer = await client.FindListsAsync(request.RemoteName, cancellationToken);
        if (answer.Failure is not null)
        {
            return new(null, ConditionOf(answer));
        }

        var ids = answer.Rows.Where(row => row.Id != 0 && IsSame(row.Text, request.RemoteName)).Select(row => row.Id).ToArray();
        return ids.Length == 0 ? null : Found(request, ids.Min());
    }

    /// <summary>The condition of a refused call. Where the table knows records only, the call itself is wrong.</summary>
    private DestinationCondition ConditionOf(MarketoAnswer answer)
    {
        var row = MarketoOutcomes.For(answer.Failure ?? MarketoAnswer.Malformed);
        return MarketoOutcomes.Condition(row, answer.RetryAfter, time.GetUtcNow())
            ?? new(row.Outcome == Outcome.RetryLater ? DestinationTrouble.Unavailable : DestinationTrouble.Misconfigured, row.ReasonCode, answer.RetryAfter);
    }

    private static EnsureAudienceResult Found(AudienceRequest request, long id) =>
        new(new(request.Audience, id.ToString(CultureInfo.InvariantCulture)), null);

    private static EnsureAudienceResult Missing(string code) => new(null, new(DestinationTrouble.Misconfigured, code));

    private static bool IsSame(string? left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
