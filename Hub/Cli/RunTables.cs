using System.Globalization;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Runs;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary>Runs as tables: the ledger, why records did not arrive, what the vendor answered when it was read back.</summary>
internal static class RunTables
{
    /// <summary>Everything about a few runs.</summary>
    public static void Write(IAnsiConsole screen, IReadOnlyList<RunJson> runs)
    {
        screen.Write(Ledger(runs));
        if (runs.Any(run => run.Verification.Expected is not null))
        {
            screen.Write(ReadBack(runs));
        }

        foreach (var run in runs)
        {
            foreach (var reason in run.Reasons.OrderByDescending(reason => reason.Count))
            {
                screen.WriteLine($"{run.Destination}: {Number(reason.Count)} {reason.Outcome}, {reason.Code}");
            }

            if (run.Counts.Rejected > 0)
            {
                screen.WriteLine($"{run.Destination}: whom, where and what to do: sync records {run.RunId}");
            }

            if (RunScreen.Waiting(run) is { } waiting)
            {
                screen.WriteLine($"{run.Destination}: {waiting}");
            }

            if (run.Failure is { } failure)
            {
                screen.WriteLine($"{run.Destination}: failed, {failure.Code}: {failure.Detail}");
            }
        }
    }

    /// <summary>Many runs, a line each.</summary>
    public static void WriteList(IAnsiConsole screen, IReadOnlyList<RunJson> runs)
    {
        if (runs.Count == 0)
        {
            screen.WriteLine("There are no such runs. Start one with: sync start AUDIENCE");
            return;
        }

        var table = Table("Run", "Audience", "Destination", "Mode", "State", "Requested", "Settled", "Planned");
        foreach (var run in runs)
        {
            Row(table, run.RunId.ToString(), run.Audience, run.Destination, run.Mode, run.Stalled is null ? run.State : $"{run.State} (stalled)",
                run.RequestedAt.ToString("u", CultureInfo.InvariantCulture), Number(run.Counts.Planned - run.Counts.Pending), Number(run.Counts.Planned));
        }

        screen.Write(table);
    }

    public static void WriteFindings(IAnsiConsole screen, IReadOnlyList<RunFindingJson> findings)
    {
        if (findings.Count == 0)
        {
            return;
        }

        var table = Table("Kind", "Profile", "Remote id", "Key", "Field");
        foreach (var finding in findings)
        {
            Row(table, finding.Kind, finding.ProfileId?.ToString(CultureInfo.InvariantCulture) ?? "stranger", finding.RemoteId ?? "-", finding.Key ?? "-", finding.Field ?? "-");
        }

        screen.Write(table);
    }

    private static Table Ledger(IReadOnlyList<RunJson> runs)
    {
        var table = Table("Ledger", "State", "Planned", "Delivered", "Unchanged", "Suppressed", "Rejected", "Dead letters", "Pending");
        foreach (var run in runs)
        {
            var counts = run.Counts;
            Row(table, run.Destination, run.State, Number(counts.Planned), Number(counts.Delivered), Number(counts.Unchanged), Number(counts.Suppressed),
                Number(counts.Rejected), Number(counts.DeadLettered), Number(counts.Pending));
        }

        return table;
    }

    private static Table ReadBack(IReadOnlyList<RunJson> runs)
    {
        var table = Table("Read back from", "Expected", "Found", "Missing", "Unexpected", "Fields read of", "Different");
        foreach (var run in runs)
        {
            Row(table, run.Destination, Number(run.Verification.Expected), Number(run.Verification.Found), Number(run.Verification.Missing), Number(run.Verification.Unexpected), Number(run.Verification.FieldsRead), Number(run.Verification.Differing));
        }

        return table;
    }

    public static Table Table(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)) { NoWrap = true });
        }

        return table;
    }

    public static void Row(Table table, params string[] cells) => table.AddRow([.. cells.Select(Markup.Escape)]);

    public static string Number(long? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? "-";
}
