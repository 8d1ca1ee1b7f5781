using Serilog;
using Serilog.AspNetCore;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Hosting;
using Serilog.Formatting.Json;

namespace IntegrationHub.Hub.Observability;

/// <summary>
/// Serilog to standard error, structured; one line per step, with the trace and the span within which it was written. Standard output belongs to the command's result.
/// </summary>
internal static class Logging
{
    private const string Template = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj} {NewLine}{Exception}";
    private const string RequestTemplate = "{RequestMethod} {Route} was answered with {StatusCode} after {Elapsed:0} ms";

    /// <param name="builder">The host that is built.</param>
    /// <param name="options">Level and form of the lines.</param>
    /// <param name="instance">The hub that writes them.</param>
    public static void AddHubLogging(this WebApplicationBuilder builder, HubOptions options, HubInstance instance)
    {
        var logger = Configure(options, instance).CreateLogger();
        builder.Logging.ClearProviders();
        builder.Logging.AddSerilog(logger, dispose: true); // beside whatever else listens to the host's log
        builder.Services.AddSingleton(new DiagnosticContext(logger)).AddSingleton<Serilog.ILogger>(logger);
    }

    /// <summary>A line per request: what failed at the hub is an error, what was refused is told, and what went well only to who wants every step. Never what callers wrote into the address.</summary>
    public static void UseRequestLines(this WebApplication web) => web.UseSerilogRequestLogging(lines =>
    {
        lines.Logger = web.Services.GetRequiredService<Serilog.ILogger>();
        lines.MessageTemplate = RequestTemplate;
        lines.GetLevel = (http, _, exception) => LevelOf(http.Response.StatusCode, exception);
        lines.GetMessageTemplateProperties = (http, _, elapsed, status) =>
        [
            new LogEventProperty("RequestMethod", new ScalarValue(http.Request.Method)),
            new LogEventProperty("Route", new ScalarValue((http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "an address that is none")),
            new LogEventProperty("StatusCode", new ScalarValue(status)),
            new LogEventProperty("Elapsed", new ScalarValue(elapsed)),
        ];
    });

    /// <summary>The logger, without where it writes to.</summary>
    internal static LoggerConfiguration Configure(HubOptions options, HubInstance instance)
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
        return options.JsonLogs
            ? configuration.WriteTo.Console(new JsonFormatter(), standardErrorFromLevel: LogEventLevel.Verbose)
            : configuration.WriteTo.Console(outputTemplate: Template, standardErrorFromLevel: LogEventLevel.Verbose, formatProvider: System.Globalization.CultureInfo.InvariantCulture);
    }

    private static LogEventLevel LevelOf(int status, Exception? exception) => exception is not null || status >= StatusCodes.Status500InternalServerError ? LogEventLevel.Error
        : status >= StatusCodes.Status400BadRequest ? LogEventLevel.Information
        : LogEventLevel.Debug;

    private static LogEventLevel Max(LogEventLevel left, LogEventLevel right) => left > right ? left : right;
}
