using System.Globalization;
using System.Text;
using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Compatibility;

/// <summary>Writes <c>Connectors/COMPATIBILITY.md</c> from the descriptors of all connectors.</summary>
internal static class CompatibilityMatrix
{
    /// <param name="descriptors">The connectors.</param>
    /// <param name="bulk">What each can hand over in bulk, by its name.</param>
    public static string Write(IEnumerable<ConnectorDescriptor> descriptors, Func<ConnectorDescriptor, IReadOnlyDictionary<Operation, BulkLimits>> bulk)
    {
        ConnectorDescriptor[] all = [.. descriptors.OrderBy(descriptor => descriptor.Name, StringComparer.Ordinal)];
        var text = new StringBuilder();
        text.Append("""
            # Compatibility

            What each connector can do and which vendor interfaces it uses. Generated from the connectors' descriptors by
            `tests/Connectors.Tests/Compatibility`: the test fails when a descriptor says something else, and writes the new text beside this file
            as `COMPATIBILITY.received.md`. Look at the difference, then copy it over.

            ## Operations


            """.ReplaceLineEndings("\n"));
        Table(
            text, ["Operation", .. all.Select(descriptor => descriptor.DisplayName)],
            Enum.GetValues<Operation>().Select(operation => (string[])
            [
                $"`{operation}`", .. all.Select(descriptor => descriptor.Operations.TryGetValue(operation, out var limits) ? Cell(limits, bulk(descriptor).GetValueOrDefault(operation)) : "–"),
            ]));
        text.Append("\nRecords per batch; *once only* where a repeat would do harm, so that a lost answer is ambiguous; *bulk* where a job takes many more.\n");
        foreach (var descriptor in all)
        {
            Describe(text, descriptor, bulk(descriptor));
        }

        return text.ToString();
    }

    private static string Cell(OperationLimits limits, BulkLimits? bulk)
        => string.Join(", ", new[] { Number(limits.MaxRecords), limits.RepeatIsHarmless ? null : "*once only*", bulk is null ? null : "*bulk*" }.OfType<string>());

    private static void Describe(StringBuilder text, ConnectorDescriptor descriptor, IReadOnlyDictionary<Operation, BulkLimits> bulk)
    {
        text.Append($"""

            ## {descriptor.DisplayName}

            `connector: {descriptor.Name}`. An audience is a {descriptor.AudienceRepresentation}. People are found by {Keys(descriptor)}.
            Keys are compared {(descriptor.KeysAreCaseInsensitive ? "without" : "with")} regard to case. At most {descriptor.MaxConcurrency} batches are in flight at a time.


            """.ReplaceLineEndings("\n"));
        Table(
            text, ["Operation", "Records per batch", "Bytes per call", "Calls for a full batch", "A repeat is harmless"],
            descriptor.Operations.OrderBy(pair => pair.Key).Select(pair => (string[])
            [
                $"`{pair.Key}`", Number(pair.Value.MaxRecords), Number(pair.Value.MaxBytes), Number(pair.Value.CallsPerBatch), pair.Value.RepeatIsHarmless ? "yes" : "**no**",
            ]));
        if (bulk.Count > 0)
        {
            text.Append('\n');
            Table(
                text, ["In bulk", "Records per job", "From", "Bytes per job", "Looked at every"],
                bulk.OrderBy(pair => pair.Key).Select(pair => (string[])
                [
                    $"`{pair.Key}`", Number(pair.Value.MaxRecords), Number(pair.Value.MinRecords), Number(pair.Value.MaxBytes), Time(pair.Value.PollInterval),
                ]));
        }

        text.Append('\n');
        Table(
            text, ["Rate limit", "Calls", "Window", "Shared by", "Endpoints"],
            descriptor.RateLimits.Select(limit => (string[])
            [
                $"`{limit.Name}`", Number(limit.Calls), Window(descriptor, limit), limit.Scope,
                limit.Endpoints.Count == 0 ? "all" : limit.Endpoints.Count <= 4 ? string.Join(", ", limit.Endpoints.Select(Name)) : $"{limit.Endpoints.Count} of {descriptor.Endpoints.Count}",
            ]));
        text.Append('\n');
        Table(
            text, ["Setting", "Default", "What for"],
            descriptor.Settings.Select(setting => (string[])
            [
                $"`{setting.Name}`" + (setting.Secret, setting.Required) switch { (true, true) => " (secret, required)", (true, _) => " (secret)", (_, true) => " (required)", _ => "" },
                setting.Default is null ? "" : $"`{setting.Default}`", setting.Description,
            ]));
        text.Append('\n');
        Table(
            text, ["Endpoint", "API version", "Counts for", "Page"],
            descriptor.Endpoints.Select(endpoint => (string[])
            [
                Name(endpoint), endpoint.ApiVersion, CountsFor(descriptor, endpoint), $"[{Page(endpoint.Documentation)}]({endpoint.Documentation})",
            ]));
        if (descriptor.Retirements.Count > 0)
        {
            text.Append('\n');
            Table(
                text, ["Ends", "Endpoints", "What and what to do", "Announced at", "Read on"],
                descriptor.Retirements.Select(end => (string[])
                [
                    end.EndsOn is { } day ? Day(day) : "no day named", end.Endpoints.Count <= 4 ? string.Join(", ", end.Endpoints.Select(Name)) : $"{end.Endpoints.Count} of {descriptor.Endpoints.Count}",
                    $"{end.What} {end.ToDo}", $"[{Page(end.Page)}]({end.Page})", Day(end.ReadOn),
                ]));
        }
    }

    private static string CountsFor(ConnectorDescriptor descriptor, VendorEndpoint endpoint)
        => descriptor.RateLimits.Where(limit => limit.Covers(endpoint)).Select(limit => $"`{limit.Name}`").ToArray() is { Length: > 0 } limits ? string.Join(", ", limits) : "nothing";

    private static string Keys(ConnectorDescriptor descriptor) => string.Join(", ", descriptor.IdentityKeys.Select(key => key switch
    {
        "*" => "any custom field that the vendor can search",
        _ when key == descriptor.DefaultIdentityKey => $"`{key}` (default)",
        _ => $"`{key}`",
    }));

    private static string Window(ConnectorDescriptor descriptor, RateLimit limit) => limit.Kind switch
    {
        RateWindow.Day => $"day, from midnight {limit.ResetZone}" + (descriptor.Settings.Any(setting => setting.Name == "account_time_zone") ? " or `account_time_zone`" : ""),
        RateWindow.Fixed => $"{Time(limit.Window)}, by the clock",
        _ => $"any {Time(limit.Window)}",
    };

    private static string Time(TimeSpan time) => $"{time.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s";

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Name(VendorEndpoint endpoint) => $"`{endpoint.Method} {endpoint.Path}`";

    /// <summary>The last part of an address that says what the page is about.</summary>
    private static string Page(Uri page)
        => Path.GetFileNameWithoutExtension(page.AbsolutePath.Split('/').Last(part => part is not ("" or "guide" or "v3")));

    private static void Table(StringBuilder text, string[] header, IEnumerable<string[]> rows)
    {
        Row(text, header);
        Row(text, [.. header.Select(_ => "---")]);
        foreach (var row in rows)
        {
            Row(text, row);
        }
    }

    private static void Row(StringBuilder text, string[] cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
