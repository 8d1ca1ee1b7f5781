using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.DeadLetters;

/// <summary>The letters of a filter that an action of a kind may take, as a condition in SQL over <c>dead_letters</c>, the same on both dialects.</summary>
internal sealed class LetterSelection
{
    private readonly List<string> _conditions;
    private readonly List<(string, object?)> _parameters;

    /// <param name="session">The database.</param>
    /// <param name="filter">Which letters.</param>
    /// <param name="kind">One of <see cref="LetterActionKind"/>.</param>
    public LetterSelection(DbSession session, LetterFilter filter, string kind)
    {
        _conditions = ["destination = @destination", $"status IN ({Takes(kind)})", OperationCode.Known("operation")];
        _parameters = [("destination", filter.Destination)];
        if (kind is LetterActionKind.SettleDelivered or LetterActionKind.SettleNotDelivered or LetterActionKind.SettleByVendor)
        {
            _conditions.Add($"code = '{LetterActions.Ambiguous}'");
        }

        if (kind == LetterActionKind.Replay)
        {
            _conditions.Add($"NOT {BackfillClaim.IsProfileOfBackfill}");
        }

        if (filter.Operation is { } operation)
        {
            _conditions.Add("operation = @operation");
            _parameters.Add(("operation", OperationCode.CodeOf(operation)));
        }

        if (filter.Code is { } code)
        {
            _conditions.Add("code = @code");
            _parameters.Add(("code", code));
        }

        if (filter.RunId is { } run)
        {
            _conditions.Add("run_id = @run");
            _parameters.Add(("run", run));
        }

        if (filter.LetterIds is { } ids)
        {
            _conditions.Add($"dead_letter_id IN (SELECT r.letter_id FROM {session.Rows(("letter_id", "bigint"))} r)");
            _parameters.Add(("rows", JsonRows.Of(ids, (writer, id) => writer.WriteNumberValue(id))));
        }
    }

    /// <summary>The condition.</summary>
    public string Condition => string.Join(" AND ", _conditions);

    /// <summary>Its parameters, and more.</summary>
    public (string, object?)[] With(params (string, object?)[] more) => [.. _parameters, .. more];

    /// <summary>Statuses of the letters that an action takes, as a list in SQL.</summary>
    public static string Takes(string kind) => kind == LetterActionKind.Restore ? $"'{LetterStatus.Discarded}'" : LetterStatus.Waiting;
}
