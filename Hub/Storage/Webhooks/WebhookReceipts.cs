using System.Globalization;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Webhooks;

/// <summary>Calls of webhooks, kept before they are answered and turned into facts later; the same SQL on both dialects.</summary>
public static class WebhookReceipts
{
    private const string LeaseLane = "webhooks";

    /// <summary>Keeps a call, in a statement of its own or in the caller's transaction.</summary>
    /// <returns>False when it was there already.</returns>
    public static async Task<bool> AddAsync(HubDbContext db, WebhookReceipt receipt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        return await session.ExecuteAsync(
            """
            INSERT INTO webhook_receipts (receipt_id, source, idempotency_key, received_at, state, headers, size, body)
            VALUES (@id, @source, @key, @at, 'waiting', @headers, @size, @body)
            ON CONFLICT DO NOTHING
            """,
            cancellationToken,
            ("id", receipt.ReceiptId), ("source", receipt.Source), ("key", receipt.IdempotencyKey), ("at", receipt.ReceivedAt), ("headers", keys.Seal(SealedColumn.ReceiptHeaders, receipt.ReceiptId, receipt.HeadersJson)),
            ("size", (long)receipt.Body.Length), ("body", keys.Seal(SealedColumn.ReceiptBody, receipt.ReceiptId, receipt.Body))) == 1;
    }

    /// <summary>Those that wait, oldest first: at most so many, and no further one once they hold so many bytes. One whose seal does not open has no body, which is no call.</summary>
    public static async Task<IReadOnlyList<WebhookReceipt>> ReadWaitingAsync(HubDbContext db, int limit, long bytes, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        return await session.ReadAsync(
            """
            SELECT r.receipt_id, r.source, r.idempotency_key, r.received_at, r.headers, r.body
            FROM (
                SELECT w.receipt_id, sum(w.size) OVER (ORDER BY w.received_at, w.receipt_id) - w.size AS before_it
                FROM (SELECT receipt_id, received_at, size FROM webhook_receipts WHERE state = 'waiting' ORDER BY received_at, receipt_id LIMIT @limit) w) w
            JOIN webhook_receipts r ON r.receipt_id = w.receipt_id
            WHERE w.before_it < @bytes
            ORDER BY r.received_at, r.receipt_id
            """,
            reader => new WebhookReceipt(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.Time(3), keys.OpenOrNothing(SealedColumn.ReceiptHeaders, reader.GetGuid(0), reader.GetString(4)),
                keys.OpenOrNothing(SealedColumn.ReceiptBody, reader.GetGuid(0), reader.GetFieldValue<byte[]>(5))),
            cancellationToken,
            ("limit", (long)limit), ("bytes", bytes));
    }

    /// <summary>Notes that receipts are turned into facts.</summary>
    /// <param name="db">The context.</param>
    /// <param name="receipts">At least one.</param>
    /// <param name="keepsBody">False where a receipt names somebody who was erased: nothing of what it says is kept.</param>
    /// <param name="at">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task FinishAsync(HubDbContext db, IReadOnlyList<Guid> receipts, bool keepsBody, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(receipts);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var names = receipts.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"r{i}")).ToArray();
        await session.ExecuteAsync(
            $"UPDATE webhook_receipts SET state = 'done', done_at = @at{(keepsBody ? "" : ", body = NULL")} WHERE receipt_id IN ({string.Join(", ", names.Select(name => $"@{name}"))})",
            cancellationToken,
            [("at", at), .. receipts.Select((id, i) => (names[i], (object?)id))]);
    }

    /// <summary>
    /// Takes the turn of turning receipts into facts. One instance has it at a time, by the database's clock; two that believe so after a pause do the same
    /// work twice and nothing worse.
    /// </summary>
    /// <returns>Null when another instance has it.</returns>
    public static Task<Lease?> TakeTurnAsync(HubDbContext db, string owner, TimeSpan length, CancellationToken cancellationToken) =>
        LeaseTable.TakeAsync(db, "", LeaseLane, 0, owner, length, cancellationToken);

    /// <summary>Gives the turn back.</summary>
    public static Task ReleaseTurnAsync(HubDbContext db, Lease turn, CancellationToken cancellationToken) => LeaseTable.ReleaseAsync(db, turn, isSettled: true, cancellationToken);
}
