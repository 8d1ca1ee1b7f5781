using Serilog;
using Serilog.Events;
using Serilog.Formatting.Json;

namespace IntegrationHub.Hub.Observability;

/// <summary>Serilog to standard error, structured; one line per step. Standard output belongs to the command's result.</summary>
internal static class Logging
{
    private const string Template = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj} {NewLine}{Exception}";

    public static void AddHubLogging(this WebApplicationBuilder builder, HubOptions options, HubInstance instance)
    {
        var level = options.LogLevel switch
        {
            LogLevel.Trace => LogEventLevel.Verbose,
            LogLevel.Debug => LogEventLevel.Debug,
            LogLevel.Information => LogEventLevel.Information,
            LogLevel.Warning => LogEventLevel.Warning,
            LogLevel.Error => LogEventLevel.Error,
            _ => LogEventLevel.Fatal,
        };
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", Max(level, LogEventLevel.Warning))
            .MinimumLevel.Override("Microsoft.EntityFrameworkCore.Database.Command", LogEventLevel.Fatal) // a statement that matters fails as an exception; looking for a database that is not there yet is no error
            .MinimumLevel.Override("System", Max(level, LogEventLevel.Warning))
            .MinimumLevel.Override("MassTransit", Max(level, LogEventLevel.Warning))
            .MinimumLevel.Override("Quartz", Max(level, LogEventLevel.Warning))
            .Enrich.FromLogContext()
            .Enrich.WithProperty("HubInstance", instance.Name);
        configuration = options.JsonLogs
            ? configuration.WriteTo.Console(new JsonFormatter(), standardErrorFromLevel: LogEventLevel.Verbose)
            : configuration.WriteTo.Console(outputTemplate: Template, standardErrorFromLevel: LogEventLevel.Verbose, formatProvider: System.Globalization.CultureInfo.InvariantCulture);
        builder.Logging.ClearProviders();
        builder.Logging.AddSerilog(configuration.CreateLogger(), dispose: true); // beside whatever else listens to the host's log
    }

    private static LogEventLevel Max(LogEventLevel left, LogEventLevel right) => left > right ? left : right;
}
